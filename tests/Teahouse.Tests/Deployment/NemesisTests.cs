using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Teahouse.Client;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Deployment;

/// <summary>Promises 1, 2 and 4 of the whole cluster: four people talk through nginx and others listen at each node, while one part after the other is killed, stopped or cut off.</summary>
[Trait("Speed", "Slow")]
[Collection(nameof(Cluster))]
public sealed class NemesisTests(Cluster cluster, ITestOutputHelper output)
{
    private const string Room = "nemesis";

    /// <summary>2 s are promised; here eight programs and the test share two cores, and a client's next try to come back may be half a second away.</summary>
    private static readonly TimeSpan Healing = TimeSpan.FromSeconds(4);

    private static readonly TimeSpan Peace = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, long> _acknowledged = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_breaks_everybody_sees_the_same_history_soon_after_and_nothing_acknowledged_is_lost()
    {
        using var owner = await cluster.SignUpAsync("gaia");
        await owner.CreateRoomAsync(Room, "guests");
        using var done = new CancellationTokenSource();
        List<TeahouseClient> clients = [];
        List<RoomReader> readers = [];
        List<Task> talk = [];
        foreach (var name in (string[])["h1", "h2", "h3", "h4"])
        {
            var (bot, token) = await cluster.AddBotAsync(name);
            bot.Dispose();
            var client = Connect(cluster.Nginx.Address, token);
            clients.Add(client);
            readers.Add(new RoomReader(await client.JoinAsync(Room, Ct)));
            talk.Add(TalkAsync(client, name, done.Token));
            var watcher = Connect(cluster.Web[talk.Count % 2].Address, token);
            clients.Add(watcher);
            readers.Add(new RoomReader(await watcher.JoinAsync(Room, Ct)));
        }

        foreach (var (name, breakAsync) in Faults())
        {
            await Task.Delay(Peace, Ct);
            await breakAsync();
            await HealAsync(name, readers);
        }
        await done.CancelAsync();
        await Task.WhenAll(talk);

        var stored = await ReadAsync(owner);
        Assert.Equal(Enumerable.Range(1, stored.Count).Select(seq => (long)seq), stored.Select(message => message.Seq));
        var said = stored.Where(message => message.Text.StartsWith("say-", StringComparison.Ordinal)).ToList();
        Assert.Equal(_acknowledged.OrderBy(pair => pair.Value).Select(pair => (pair.Value, pair.Key)), said.Select(message => (message.Seq, message.Text)));
        // Each sender's own order.
        foreach (var each in said.GroupBy(message => message.Text.Split('-')[1]))
        {
            Assert.Equal(Enumerable.Range(0, each.Count()), each.Select(message => int.Parse(message.Text.Split('-')[2], System.Globalization.CultureInfo.InvariantCulture)));
        }
        foreach (var reader in readers)
        {
            await reader.ReachAsync(stored.Count);
            Assert.Equal(stored.TakeLast(reader.Messages.Count), reader.Messages.Select(message => (message.Seq, message.Text)));
        }
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    private IEnumerable<(string Name, Func<Task> BreakAsync)> Faults() =>
    [
        ("Redis's subscriptions dropped", () => cluster.TellRedisAsync("CLIENT KILL TYPE pubsub")),
        ("a node killed", () => cluster.Web[0].KillAsync()),
        ("a node cut off from Redis", () => ShutAsync(cluster.Web[1].Gates[1])),
        ("Redis killed", cluster.KillRedisAsync),
        ("all connections to PostgreSQL ended", () => cluster.Postgres.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")),
        ("a node stopped", StopAsync),
        ("a node cut off from PostgreSQL", () => ShutAsync(cluster.Web[0].Gates[0])),
        ("PostgreSQL killed", async () =>
        {
            await cluster.Postgres.KillAsync();
            await cluster.Postgres.StartAgainAsync();
        }),
    ];

    private static async Task ShutAsync(TcpGate gate)
    {
        gate.Shut();
        await Task.Delay(TimeSpan.FromSeconds(3), Ct);
        gate.Open();
    }

    private async Task StopAsync()
    {
        cluster.Web[1].Process.Stop();
        await Task.Delay(TimeSpan.FromSeconds(5), Ct);
        cluster.Web[1].Process.Continue();
    }

    /// <summary>Everything acknowledged by now is soon on everybody's screen, and talk goes on.</summary>
    private async Task HealAsync(string fault, List<RoomReader> readers)
    {
        var since = Stopwatch.StartNew();
        var (newest, count) = (_acknowledged.Values.DefaultIfEmpty(0).Max(), _acknowledged.Count);
        await Eventually.TrueAsync(() => readers.TrueForAll(reader => reader.Messages is [.., var last] && last.Seq >= newest),
            () => $"After {fault} not everybody has message {newest}: {string.Join(" ", readers.Select(reader => reader.Messages.Count))}", Healing);
        await Eventually.TrueAsync(() => _acknowledged.Count >= count + 4, () => $"After {fault} nobody can talk.", Healing);
        output.WriteLine($"{fault}: whole after {since.ElapsedMilliseconds} ms, at message {newest}");
    }

    private async Task TalkAsync(TeahouseClient client, string name, CancellationToken done)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var i = 0; !done.IsCancellationRequested; i++)
        {
            await pace.WaitForNextTickAsync(Ct);
            var receipt = await client.SendAsync(Room, $"say-{name}-{i}", Ct);
            Assert.True(_acknowledged.TryAdd($"say-{name}-{i}", receipt.Seq));
        }
    }

    private static async Task<List<(long Seq, string Text)>> ReadAsync(HttpClient client)
    {
        List<(long Seq, string Text)> stored = [];
        for (var more = true; more;)
        {
            var page = JsonNode.Parse(await client.GetStringAsync(new Uri($"/api/v1/rooms/{Room}/messages?after={stored.LastOrDefault().Seq}&limit=200", UriKind.Relative), Ct))!;
            stored.AddRange(page["messages"]!.AsArray().Select(message => ((long)message!["seq"]!, (string?)message["message"] ?? "")));
            more = (bool)page["has_more"]!;
        }
        return stored;
    }

    private static TeahouseClient Connect(Uri address, string token) => new(new TeahouseClientOptions
    {
        Server = address,
        Token = token,
        FirstRetry = TimeSpan.FromMilliseconds(100),
        LongestRetry = TimeSpan.FromMilliseconds(500),
        ConnectTimeout = TimeSpan.FromSeconds(2),
        AnswerTimeout = TimeSpan.FromSeconds(3),
    });
}
