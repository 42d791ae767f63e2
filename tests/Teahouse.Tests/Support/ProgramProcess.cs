using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Teahouse.Tests.Support;

/// <summary>The program as a process of its own, for what cannot be seen from inside: SIGKILL, SIGTERM, verbs, output.</summary>
public sealed partial class ProgramProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ProgramProcess(Process process)
    {
        _process = process;
        _process.OutputDataReceived += (_, e) => OnLine(e.Data);
        _process.ErrorDataReceived += (_, e) => OnLine(e.Data);
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException("The program ended: " + Output));
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1/");

    public int Id => _process.Id;

    /// <summary>Everything it has written so far, both streams.</summary>
    public string Output => string.Join('\n', _output);

    public int? ExitCode => _process.HasExited ? _process.ExitCode : null;

    /// <summary>Starts <c>serve</c> on a free loopback port and waits until it listens.</summary>
    public static Task<ProgramProcess> ServeAsync(string dataDirectory, params (string Name, string Value)[] settings) => ServeUnderAsync([], dataDirectory, settings);

    /// <summary>As <see cref="ServeAsync"/>, started by another command, which ends by becoming the program.</summary>
    public static async Task<ProgramProcess> ServeUnderAsync(string[] command, string dataDirectory, params (string Name, string Value)[] settings)
    {
        var program = Start(command, ["serve"],
            [("DATA_DIR", dataDirectory), .. await TestDatabase.SettingsForAsync(dataDirectory), ("URLS", "http://127.0.0.1:0"), ("LIMIT_REQUESTS_PER_SECOND", "0"), .. settings]);
        program.Address = await program._listening.Task.WaitAsync(Patience);
        return program;
    }

    /// <summary>Starts a verb that listens, with these settings and no others, and waits until it does.</summary>
    public static async Task<ProgramProcess> ListenAsync(string[] arguments, IEnumerable<(string Name, string Value)> settings)
    {
        var program = Start([], arguments, settings);
        program.Address = await program._listening.Task.WaitAsync(Patience);
        return program;
    }

    /// <summary>Runs a verb to its end and returns its exit code and output.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string[] arguments, string? input = null, params (string Name, string Value)[] settings)
    {
        await using var program = Start([], arguments, settings);
        if (input is not null)
        {
            await program._process.StandardInput.WriteAsync(input);
        }
        program._process.StandardInput.Close();
        return (await program.WaitForExitAsync(), program.Output);
    }

    public async Task<int> WaitForExitAsync()
    {
        using var timeout = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(timeout.Token);
        return _process.ExitCode;
    }

    /// <summary>Its resident memory.</summary>
    public long ResidentBytes()
    {
        _process.Refresh();
        return _process.WorkingSet64;
    }

    /// <summary>How many sockets it has open. Linux only.</summary>
    public int CountSockets() => Directory.GetFiles(string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/fd"))
        .Count(file => new FileInfo(file).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public Task<int> KillAsync()
    {
        _process.Kill();
        return WaitForExitAsync();
    }

    /// <summary>SIGTERM, as a service manager sends it.</summary>
    public void Terminate() => Signal("TERM");

    /// <summary>SIGSTOP: it does nothing more, and nobody is told.</summary>
    public void Stop() => Signal("STOP");

    /// <summary>SIGCONT.</summary>
    public void Continue() => Signal("CONT");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }
        _process.Dispose();
    }

    private static ProgramProcess Start(string[] command, string[] arguments, IEnumerable<(string Name, string Value)> settings)
    {
        string[] line = [.. command, "dotnet", Path.Combine(AppContext.BaseDirectory, "teahouse.dll"), .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // Not the repository: a .env there is not the test's.
            WorkingDirectory = Path.GetTempPath(),
        };
        // It will not live for long: what compiles quickest, not what then runs fastest.
        start.Environment["DOTNET_TieredCompilation"] = "1";
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }
        var program = new ProgramProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        program._process.Start();
        program._process.BeginOutputReadLine();
        program._process.BeginErrorReadLine();
        return program;
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private void OnLine(string? line)
    {
        if (line is null)
        {
            return;
        }
        _output.Enqueue(line);
        if (Listening().Match(line) is { Success: true } match)
        {
            _listening.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }

    [GeneratedRegex(@"(http://(?:127\.0\.0\.1|\[::1\]|localhost):\d+)")]
    private static partial Regex Listening();
}
