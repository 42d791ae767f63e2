using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Teahouse.Bench.Load;

namespace Teahouse.Bench.Servers;

/// <summary>A Redis server of the tool's own, on the server's core, with nothing on disk; gone when disposed of.</summary>
internal sealed class RedisInstance : IAsyncDisposable
{
    private readonly Process _process;
    private readonly int _port;

    private RedisInstance(Process process, int port) => (_process, _port) = (process, port);

    /// <summary>As in <c>REDIS_URL</c>.</summary>
    public string Url => string.Create(CultureInfo.InvariantCulture, $"redis://127.0.0.1:{_port}");

    public double CpuMicroseconds => Native.CpuMicroseconds(_process.Id);

    public static async Task<RedisInstance> StartAsync(Setup setup)
    {
        var port = Ports.Free();
        var command = setup.Pinned("redis-server", "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", Path.GetTempPath());
        var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true }) ?? throw new IOException("Redis could not be started.");
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await Ports.AnswersAsync(port, patience.Token))
        {
            await Task.Delay(20, patience.Token);
        }
        return new RedisInstance(process, port);
    }

    /// <summary>Bytes it has taken in and given out since it began.</summary>
    public async Task<(double In, double Out)> ReadTrafficAsync()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _port);
        await using var stream = client.GetStream();
        await stream.WriteAsync("INFO stats\r\nQUIT\r\n"u8.ToArray());
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var lines = (await reader.ReadToEndAsync()).Split("\r\n");
        return (Read("total_net_input_bytes:"), Read("total_net_output_bytes:"));

        double Read(string name) => double.Parse(lines.First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
