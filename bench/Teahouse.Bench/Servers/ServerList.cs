using System.Diagnostics;
using System.Globalization;
using Teahouse.Bench.Load;

namespace Teahouse.Bench.Servers;

/// <summary>The servers that can be measured: Teahouse on its two transports, and its peers.</summary>
internal static class ServerList
{
    public const string Teahouse = "teahouse";

    private static readonly Wire Plain = new() { Path = "/chat/{room}", BeforeText = "{\"message\":\"", AfterText = "\"}" };

    // What would refuse a thousand clients from one address that never rest. Everything else is as shipped.
    private static readonly string[] Unlimited =
    [
        "LIMIT_MESSAGES_PER_SECOND", "LIMIT_GUEST_MESSAGES_PER_SECOND", "LIMIT_SOCKETS_PER_ADDRESS", "LIMIT_SOCKETS_PER_USER", "LIMIT_REQUESTS_PER_SECOND", "LIMIT_LOGINS_PER_MINUTE",
    ];

    public static IReadOnlyList<Server> All { get; } =
    [
        TeahouseOn(Teahouse, "on"),
        TeahouseOn("teahouse-portable", "off"),
        new Server
        {
            Name = "uws",
            Wire = Plain,
            Missing = setup => setup.Uws is null ? "needs --uws with the source directories of uWebSockets and uSockets" : null,
            Commands = (setup, port, _) => [new Command(setup.Uws ?? "", Number(port))],
        },
        new Server
        {
            Name = "ws",
            Wire = Plain,
            Missing = NodeMissing,
            Commands = (setup, port, _) => [new Command("node", Path.Combine(setup.Peers, "ws.js"), Number(port))],
        },
        new Server
        {
            Name = "socketio",
            Wire = new Wire
            {
                Path = "/socket.io/?EIO=4&transport=websocket&room={room}",
                Opening = "40",
                ReadyWhen = "40{",
                Heartbeat = ("2", "3"),
                BeforeText = "42[\"message\",{\"message\":\"",
                AfterText = "\"}]",
            },
            Missing = NodeMissing,
            Commands = (setup, port, _) => [new Command("node", Path.Combine(setup.Peers, "socketio.js"), Number(port))],
        },
        new Server
        {
            Name = "aspnet",
            Wire = Plain,
            Missing = AspNetMissing,
            Commands = (setup, port, _) => [new Command("dotnet", setup.AspNet, "websockets", Number(port))],
        },
        new Server
        {
            Name = "signalr",
            Wire = new Wire
            {
                Path = "/hub?room={room}",
                Opening = "{\"protocol\":\"json\",\"version\":1}\u001e",
                ReadyWhen = "{}\u001e",
                BeforeText = "{\"type\":1,\"target\":\"Say\",\"arguments\":[\"",
                AfterText = "\"]}\u001e",
            },
            Missing = AspNetMissing,
            Commands = (setup, port, _) => [new Command("dotnet", setup.AspNet, "signalr", Number(port))],
        },
        ChannelsWith("channels", "0"),
        ChannelsWith("channels-orm", "1"),
    ];

    private static Server TeahouseOn(string name, string fastTransport) => new()
    {
        Name = name,
        IsTeahouse = true,
        Wire = Plain with { Path = "/ws/chat/{room}/" },
        Commands = (setup, port, data) =>
        [
            new Command("dotnet", setup.Teahouse, "serve")
            {
                Environment = new Dictionary<string, string>(
                    [.. Unlimited.Select(limit => KeyValuePair.Create(limit, "0")), .. setup.RedisUrl is { } redis ? [KeyValuePair.Create("REDIS_URL", redis)] : Array.Empty<KeyValuePair<string, string>>()])
                {
                    ["URLS"] = $"http://127.0.0.1:{port}",
                    ["DATA_DIR"] = data,
                    ["DATABASE_URL"] = setup.DatabaseUrl ?? $"sqlite:{Path.Combine(data, "teahouse.db")}",
                    ["FAST_TRANSPORT"] = fastTransport,
                },
            },
        ],
    };

    private static Server ChannelsWith(string name, string saves) => new()
    {
        Name = name,
        Wire = Plain with { Path = "/ws/chat/{room}/", SendsOrigin = true },
        FanoutRates = [2],
        RoomsRate = 200,
        Missing = _ => FindProgram("redis-server") is null || !Runs("/usr/bin/python3", "-c", "import channels, channels_redis, daphne")
            ? "needs the Debian packages python3-django-channels daphne python3-channels-redis redis-server" : null,
        Commands = (setup, port, data) =>
        {
            var redis = Number(Ports.Free());
            var environment = new Dictionary<string, string>
            {
                ["PYTHONPATH"] = Path.Combine(setup.Peers, "channels"),
                ["PYTHONDONTWRITEBYTECODE"] = "1",
                ["DJANGO_SETTINGS_MODULE"] = "site_settings",
                ["BENCH_DATABASE"] = Path.Combine(data, "chat.sqlite3"),
                ["BENCH_REDIS_PORT"] = redis,
                ["BENCH_SAVES"] = saves,
            };
            return
            [
                new Command("/usr/bin/python3", "-m", "django", "migrate", "--run-syncdb", "-v", "0") { Environment = environment, IsPreparation = true },
                new Command("redis-server", "--port", redis, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", data),
                new Command("/usr/bin/python3", "-c", "from daphne.cli import CommandLineInterface; CommandLineInterface.entrypoint()",
                    "-v", "0", "-b", "127.0.0.1", "-p", Number(port), "site_routing:application") { Environment = environment },
            ];
        },
    };

    private static string? NodeMissing(Setup setup) =>
        Directory.Exists(Path.Combine(setup.Peers, "node_modules", "socket.io")) ? null : "needs npm and its packages (bench/peers)";

    private static string? AspNetMissing(Setup setup) => File.Exists(setup.AspNet) ? null : "needs bench/peers/aspnet to be built";

    private static string? FindProgram(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static bool Runs(string program, params string[] arguments)
    {
        if (!File.Exists(program))
        {
            return false;
        }
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true });
        process?.WaitForExit();
        return process?.ExitCode == 0;
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
