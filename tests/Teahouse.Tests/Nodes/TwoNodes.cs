using System.Net;
using Teahouse.Realtime;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Nodes;

/// <summary>Two servers on one PostgreSQL database, with or without a Redis between them, each reaching it by a gate of its own.</summary>
internal sealed class TwoNodes : IAsyncDisposable
{
    private readonly string _database;

    private TwoNodes(string database, RedisServer? redis, TcpGate[] gates, TestServer[] nodes)
    {
        _database = database;
        Redis = redis;
        Gates = gates;
        (A, B) = (nodes[0], nodes[1]);
    }

    /// <summary>Its name on the tests' server.</summary>
    public string Database => _database[(_database.LastIndexOf('/') + 1)..];

    public RedisServer? Redis { get; }

    /// <summary>Between each node and Redis.</summary>
    public IReadOnlyList<TcpGate> Gates { get; }

    public TestServer A { get; }

    public TestServer B { get; }

    public static async Task<TwoNodes> StartAsync(bool withRedis, params (string Name, string Value)[] settings)
    {
        var database = await TestDatabase.CreateAsync();
        var redis = withRedis ? await RedisServer.StartAsync() : null;
        TcpGate[] gates = redis is null ? [] : [new(redis.Port), new(redis.Port)];
        List<TestServer> nodes = [];
        for (var i = 0; i < 2; i++)
        {
            nodes.Add(await TestServer.StartAsync([("DATABASE_URL", database), .. gates.Length > 0 ? [("REDIS_URL", RedisServer.UrlAt(gates[i].Port))] : Array.Empty<(string, string)>(), .. settings]));
        }
        var both = new TwoNodes(database, redis, gates, [.. nodes]);
        if (withRedis)
        {
            await both.HeardAsync();
        }
        return both;
    }

    /// <summary>Waits until both hear each other by Redis.</summary>
    public Task HeardAsync() => Eventually.TrueAsync(() => A.Get<IBackplane>().IsHeard && B.Get<IBackplane>().IsHeard, () => "The nodes do not hear each other.");

    /// <summary>A signed-in user's socket to one of them.</summary>
    public static async Task<SocketClient> EnterAsync(TestServer node, CookieContainer cookies, string room)
    {
        var socket = await SocketClient.ConnectAsync(node.Address, $"/ws/chat/{room}/", SocketClient.V1, At(node, cookies));
        await socket.ReceiveAsync("subscribed");
        return socket;
    }

    /// <summary>The same cookies for another node's address.</summary>
    public static CookieContainer At(TestServer node, CookieContainer cookies)
    {
        var copy = new CookieContainer();
        foreach (Cookie cookie in cookies.GetAllCookies())
        {
            copy.Add(node.Address, new Cookie(cookie.Name, cookie.Value));
        }
        return copy;
    }

    public async ValueTask DisposeAsync()
    {
        await A.DisposeAsync();
        await B.DisposeAsync();
        foreach (var gate in Gates)
        {
            await gate.DisposeAsync();
        }
        if (Redis is not null)
        {
            await Redis.DisposeAsync();
        }
        await TestDatabase.RemoveAsync(_database);
    }
}
