using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Deployment;

/// <summary>What <c>deploy/compose.yaml</c> describes, as processes of this machine: its environments, its commands and its nginx, in which only addresses, passwords and
/// paths are replaced; and a second worker. One for all tests that need it, which therefore run one after the other.</summary>
[CollectionDefinition(nameof(Cluster))]
public sealed class Cluster : IAsyncLifetime, ICollectionFixture<Cluster>
{
    private const string RedisPassword = "r3dis";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("teahouse-cluster-");
    private readonly ComposeFile _compose = ComposeFile.Read(new Dictionary<string, string>(ComposeFile.ReadExample())
    {
        ["ALLOWED_HOSTS"] = "127.0.0.1",
        ["POSTGRES_PASSWORD"] = "replaced",
        ["REDIS_PASSWORD"] = RedisPassword,
    });

    private readonly List<ClusterNode> _nodes = [];
    private PostgresCluster? _postgres;
    private Companion? _redis;
    private NginxProcess? _nginx;
    private readonly int _redisPort = Ports.Free();
    private string _database = "";
    private int _people;

    public PostgresCluster Postgres => _postgres ?? throw new InvalidOperationException("Not started.");

    /// <summary>Where people come in.</summary>
    public NginxProcess Nginx => _nginx ?? throw new InvalidOperationException("Not started.");

    public IReadOnlyList<ClusterNode> Web => [.. _nodes.Where(node => node.Service.StartsWith("web", StringComparison.Ordinal))];

    public IReadOnlyList<ClusterNode> Workers => [.. _nodes.Where(node => node.Service == "worker")];

    public async ValueTask InitializeAsync()
    {
        _postgres = await PostgresCluster.StartAsync();
        _database = _postgres.UrlOf(await _postgres.CreateDatabaseAsync());
        StartRedis();
        _nodes.AddRange([Describe("web-1", "web-1"), Describe("web-2", "web-2"), Describe("worker", "worker-1"), Describe("worker", "worker-2")]);
        // All at once, on an empty database.
        await Task.WhenAll(_nodes.Select(node => node.StartAsync()));
        _nginx = await NginxProcess.StartAsync(Web.ToDictionary(node => node.Service + ":8000", node => node.Address.Authority));
        var (exitCode, output) = await ProgramProcess.RunAsync(["user", "add", "admin", "--admin", "--password-stdin"], TestAccounts.Password + "\n", [.. Web[0].Environment]);
        Assert.True(exitCode == 0, output);
    }

    /// <summary>A browser that keeps cookies, from an address of its own unless one is given: limits count by address.</summary>
    /// <param name="to">Where to; null: through nginx.</param>
    /// <param name="cookies">A browser's cookies, whichever node they are from.</param>
    /// <param name="from">Its address in 127.0.0.0/8.</param>
    public HttpClient CreateClient(Uri? to = null, CookieContainer? cookies = null, IPAddress? from = null)
    {
        from ??= new IPAddress([127, 0, 1, (byte)Interlocked.Increment(ref _people)]);
        return new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            CookieContainer = cookies ?? new CookieContainer(),
            ConnectCallback = async (context, ct) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    socket.Bind(new IPEndPoint(from, 0));
                    await socket.ConnectAsync(context.DnsEndPoint, ct);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        })
        { BaseAddress = to ?? Nginx.Address };
    }

    /// <summary>A new account by the form, through nginx; the client is signed in.</summary>
    public async Task<HttpClient> SignUpAsync(string name, CookieContainer? cookies = null)
    {
        var client = CreateClient(cookies: cookies);
        using var answer = await client.PostFormAsync("/signup/", ("username", name), ("password1", TestAccounts.Password), ("password2", TestAccounts.Password));
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        return client;
    }

    /// <summary>A program with a token of a new account, through nginx.</summary>
    public async Task<(HttpClient Client, string Token)> AddBotAsync(string name)
    {
        using var owner = await SignUpAsync(name);
        var (exitCode, token) = await ProgramProcess.RunAsync(["token", "add", name, "--name", "test"], settings: [.. Web[1].Environment]);
        Assert.True(exitCode == 0, token);
        token = token.Split('\n')[0].Trim();
        var client = CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return (client, token);
    }

    public async ValueTask DisposeAsync()
    {
        IAsyncDisposable?[] servers = [_nginx, .. _nodes, .. _nodes.SelectMany(node => node.Gates), _redis, _postgres];
        foreach (var server in servers)
        {
            if (server is not null)
            {
                await server.DisposeAsync();
            }
        }
        _folder.Delete(recursive: true);
    }

    /// <summary>SIGKILL of Redis, which comes back with nothing.</summary>
    public async Task KillRedisAsync()
    {
        if (_redis is { } redis)
        {
            await redis.KillAsync();
        }
        StartRedis();
    }

    /// <summary>Tells Redis something.</summary>
    public async Task TellRedisAsync(string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _redisPort);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"AUTH {RedisPassword}\r\n{command}\r\nQUIT\r\n"));
        using var reader = new StreamReader(stream);
        Assert.DoesNotContain("-", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    private void StartRedis()
    {
        var command = YamlFile.Texts(_compose["redis"]["command"]);
        Assert.Contains("port 6379\n", command[^1], StringComparison.Ordinal);
        _redis = Companion.Start([.. command.Select(part => part.Replace("port 6379\n", string.Create(CultureInfo.InvariantCulture, $"port {_redisPort}\n"), StringComparison.Ordinal))],
            _compose.EnvironmentOf("redis"));
    }

    private ClusterNode Describe(string service, string name)
    {
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.Free()}"));
        var (database, redis) = (new TcpGate(Postgres.Port), new TcpGate(_redisPort));
        var environment = _compose.EnvironmentOf(service).Select(pair => (pair.Key, Value: pair.Key switch
        {
            "DATABASE_URL" => _database.Replace(string.Create(CultureInfo.InvariantCulture, $":{Postgres.Port}/"), string.Create(CultureInfo.InvariantCulture, $":{database.Port}/"), StringComparison.Ordinal),
            "DATA_DIR" => Path.Combine(_folder.FullName, name),
            "URLS" => pair.Value.Replace("http://0.0.0.0:8000", address.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal),
            "REDIS_URL" => pair.Value.Replace("@redis:6379", string.Create(CultureInfo.InvariantCulture, $"@127.0.0.1:{redis.Port}"), StringComparison.Ordinal),
            // nginx's address.
            "TRUSTED_PROXIES" => "127.0.0.1",
            _ => pair.Value,
        }));
        return new ClusterNode(service, address, [.. YamlFile.Texts(_compose[service]["command"])], [.. environment], database, redis);
    }
}

/// <summary>One process of the program in a <see cref="Cluster"/>, at an address it keeps.</summary>
public sealed class ClusterNode(string service, Uri address, string[] command, (string Name, string Value)[] environment, TcpGate database, TcpGate redis) : IAsyncDisposable
{
    private ProgramProcess? _process;

    /// <summary>Its name in the compose file.</summary>
    public string Service => service;

    public Uri Address => address;

    /// <summary>The ways to PostgreSQL and to Redis.</summary>
    public IReadOnlyList<TcpGate> Gates { get; } = [database, redis];

    public IReadOnlyList<(string Name, string Value)> Environment => environment;

    public ProgramProcess Process => _process ?? throw new InvalidOperationException("Not started.");

    /// <summary>Starts it and returns when its health check is content, as Compose does.</summary>
    public async Task StartAsync()
    {
        _process = await ProgramProcess.ListenAsync(command, environment);
        await Eventually.TrueAsync(IsReadyAsync, () => $"{service} is not ready: {_process.Output}");
    }

    /// <summary>SIGKILL, and starts it again.</summary>
    public async Task KillAsync()
    {
        await Process.KillAsync();
        await Process.DisposeAsync();
        await StartAsync();
    }

    /// <summary>Stops it in good order and starts it again.</summary>
    public async Task RenewAsync()
    {
        Process.Terminate();
        Assert.Equal(0, await Process.WaitForExitAsync());
        await Process.DisposeAsync();
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    private async Task<bool> IsReadyAsync()
    {
        using var handler = new SocketsHttpHandler();
        using var client = new HttpClient(handler) { BaseAddress = address };
        try
        {
            using var answer = await client.GetAsync(new Uri("/readyz", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // Compose asks again too. A node that has ended is never ready, and what it said is shown then.
            return false;
        }
    }
}
