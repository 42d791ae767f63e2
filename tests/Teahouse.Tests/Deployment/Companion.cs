using System.Collections.Concurrent;
using System.Diagnostics;

namespace Teahouse.Tests.Deployment;

/// <summary>A server of somebody else's beside the tests. It ends with their process, however that ends.</summary>
public sealed class Companion : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private Companion(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, e) => Keep(e.Data);
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
    }

    /// <summary>Everything it has written so far, both streams.</summary>
    public string Output => string.Join('\n', _output);

    public bool HasEnded => _process.HasExited;

    /// <param name="command">Must stay in the foreground, and end by SIGTERM.</param>
    /// <param name="environment">More variables.</param>
    public static Companion Start(string[] command, IReadOnlyDictionary<string, string>? environment = null)
    {
        // The shell's input ends when this process does, or says how the server is to end.
        var start = new ProcessStartInfo("sh", ["-c", "\"$@\" </dev/null & server=$!; read -r how; kill -${how:-TERM} $server 2>/dev/null; wait $server 2>/dev/null", "sh", .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }
        var companion = new Companion(new Process { StartInfo = start });
        companion._process.Start();
        companion._process.BeginOutputReadLine();
        companion._process.BeginErrorReadLine();
        return companion;
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        await _process.StandardInput.WriteLineAsync("KILL");
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _output.Enqueue(line);
        }
    }
}
