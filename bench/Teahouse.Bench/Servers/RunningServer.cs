using System.Diagnostics;
using System.Globalization;
using Teahouse.Bench.Load;

namespace Teahouse.Bench.Servers;

/// <summary>A server's processes, pinned to their core, with their data in a temporary directory; all gone when disposed of.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Server _server;
    private readonly Setup _setup;
    private readonly bool _ownsData;
    private readonly List<Process> _processes = [];

    private RunningServer(Server server, Setup setup, string? data)
    {
        (_server, _setup, _ownsData) = (server, setup, data is null);
        Ports = [.. Enumerable.Range(0, server.Nodes).Select(_ => Servers.Ports.Free())];
        Data = data ?? Directory.CreateTempSubdirectory("teahouse-bench-").FullName;
    }

    /// <summary>Where it listens: one port a node.</summary>
    public IReadOnlyList<int> Ports { get; }

    public string Data { get; }

    public Uri Address => new($"http://127.0.0.1:{Ports[0]}");

    /// <summary>User and system time of all its processes since they began.</summary>
    public double CpuMicroseconds => _processes.Sum(process => Native.CpuMicroseconds(process.Id));

    public double ResidentKilobytes => _processes.Sum(process => ResidentOf(process.Id));

    /// <summary>Starts it and returns when it accepts connections.</summary>
    /// <param name="server">Which.</param>
    /// <param name="setup">Where.</param>
    /// <param name="data">A directory to keep; null for a temporary one.</param>
    public static async Task<RunningServer> StartAsync(Server server, Setup setup, string? data = null)
    {
        var running = new RunningServer(server, setup, data);
        try
        {
            await running.StartAgainAsync();
            return running;
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it on the same ports and data.</summary>
    public async Task StartAgainAsync()
    {
        foreach (var port in Ports)
        {
            await StartNodeAsync(port);
        }
    }

    /// <summary>SIGKILL: nothing is flushed or told.</summary>
    public async Task KillAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
        _processes.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (_ownsData)
        {
            Directory.Delete(Data, recursive: true);
        }
    }

    private async Task StartNodeAsync(int port)
    {
        var data = Ports.Count == 1 ? Data : Directory.CreateDirectory(Path.Combine(Data, port.ToString(CultureInfo.InvariantCulture))).FullName;
        foreach (var command in _server.Commands(_setup, port, data))
        {
            var process = Start(command);
            if (!command.IsPreparation)
            {
                _processes.Add(process);
                continue;
            }
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
            {
                throw new IOException($"{_server.Name}: {command.File} failed; see {LogFile}");
            }
        }
        using var timeout = new CancellationTokenSource(Patience);
        while (!await Servers.Ports.AnswersAsync(port, timeout.Token))
        {
            if (_processes.FirstOrDefault(process => process.HasExited) is not null)
            {
                throw new IOException($"{_server.Name} ended at its start; see {LogFile}");
            }
            await Task.Delay(10, timeout.Token);
        }
    }

    private string LogFile => Path.Combine(_setup.Output, "logs", _server.Name + ".log");

    private Process Start(Command command)
    {
        Directory.CreateDirectory(Path.Combine(_setup.Output, "logs"));
        // exec all the way, so that the process started here is the server itself: its clock is read and it is killed by this number.
        var pin = _setup.ServerCore is { } core ? $"exec taskset -c {core.ToString(CultureInfo.InvariantCulture)}" : "exec";
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"{pin} \"$@\" >>\"$LOG\" 2>&1", "sh", command.File, .. command.Arguments]) { WorkingDirectory = Data };
        start.Environment["LOG"] = LogFile;
        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }
        return Process.Start(start) ?? throw new IOException($"{command.File} could not be started.");
    }

    private static double ResidentOf(int process)
    {
        const string Name = "VmRSS:";
        var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(Name, StringComparison.Ordinal));
        return double.Parse(line[Name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
    }
}
