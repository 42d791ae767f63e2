using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Teahouse.Tests.Support;

/// <summary>A Redis server of the tests' own: a free port, a password, nothing on disk. It ends with the process of the tests, however that ends.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    // Signs that must be percent-encoded in an address.
    private const string Password = "oolong/&@#";

    private Process? _process;

    private readonly string[] _tls;

    private RedisServer(int port, int tlsPort, string[] tls)
    {
        Port = port;
        TlsUrl = UrlAt(tlsPort).Replace("redis://", "rediss://", StringComparison.Ordinal);
        _tls = tls;
    }

    public int Port { get; }

    /// <summary>The address by TLS.</summary>
    public string TlsUrl { get; }

    public string Url => UrlAt(Port);

    /// <summary>The address by another port: a proxy's.</summary>
    public static string UrlAt(int port) => string.Create(CultureInfo.InvariantCulture, $"redis://:{Uri.EscapeDataString(Password)}@127.0.0.1:{port}");

    public static async Task<RedisServer> StartAsync()
    {
        var server = new RedisServer(Ports.Free(), 0, []);
        await server.StartAgainAsync();
        return server;
    }

    /// <summary>One that speaks TLS too.</summary>
    /// <param name="certificate">The file of its certificate.</param>
    /// <param name="key">The file of that one's key.</param>
    public static async Task<RedisServer> StartWithTlsAsync(string certificate, string key)
    {
        var port = Ports.Free();
        var server = new RedisServer(Ports.Free(), port, ["--tls-port", port.ToString(CultureInfo.InvariantCulture), "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-ca-cert-file", certificate, "--tls-auth-clients", "no"]);
        await server.StartAgainAsync();
        return server;
    }

    public async Task StartAgainAsync()
    {
        // The shell ends when its input does, which is when this process ends.
        _process = Process.Start(new ProcessStartInfo("sh", ["-c", "\"$@\" >/dev/null & server=$!; cat >/dev/null; kill -KILL $server 2>/dev/null", "sh",
            "redis-server", "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--requirepass", Password, "--save", "", "--appendonly", "no", .. _tls])
        { RedirectStandardInput = true }) ?? throw new InvalidOperationException("Redis could not be started.");
        await Eventually.TrueAsync(async () => (await TryAsync("PING"))?.Contains("PONG", StringComparison.Ordinal) == true, () => "Redis does not answer.", TimeSpan.FromSeconds(30));
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
            _process = null;
            await Eventually.TrueAsync(async () => await TryAsync("PING") is null);
        }
    }

    /// <summary>Runs one command and returns what comes back.</summary>
    public async Task<string> ExecuteAsync(string command) => await TryAsync(command) ?? throw new IOException("Redis does not answer.");

    public async ValueTask DisposeAsync() => await KillAsync();

    private async Task<string?> TryAsync(string command)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, Port);
            await using var stream = client.GetStream();
            await stream.WriteAsync(Encoding.UTF8.GetBytes($"AUTH {Password}\r\n{command}\r\nQUIT\r\n"));
            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync();
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return null;
        }
    }
}
