using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Client;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

/// <summary>Promise 2: what a client has gathered from snapshots and events over any number of drops is what a fresh read gives.</summary>
[Trait("Speed", "Medium")]
public sealed class ConvergenceTests
{
    private const int Clients = 4;
    private const int Rounds = 100;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task State_and_events_are_a_fresh_read(int seed)
    {
        await using var server = await TestServer.StartAsync([("LIMIT_GUEST_MESSAGES_PER_SECOND", "0"), ("LIMIT_MESSAGES_PER_SECOND", "0"), ("SOCKET_HEARTBEAT_SECONDS", "0.5")]);
        var readers = await Task.WhenAll(Enumerable.Range(0, Clients).Select(i => ConverseAsync(server, $"c{i}", new Random(seed * 100 + i))));

        using var http = server.CreateClient();
        List<JsonObject> fresh = [];
        while (true)
        {
            var page = await http.GetFromJsonAsync<JsonObject>($"/api/v1/rooms/c/messages?after={fresh.Count}&limit=200", Ct);
            fresh.AddRange(page!["messages"]!.AsArray().Select(m => m!.AsObject()));
            if (!(bool)page["has_more"]!)
            {
                break;
            }
        }
        // Every send was acknowledged, and each is there once and in its sender's order.
        Assert.Equal(Clients * Rounds, fresh.Count);
        foreach (var own in fresh.ToLookup(message => (string)message["user"]!, message => (string)message["message"]!))
        {
            Assert.Equal(Enumerable.Range(0, Rounds).Select(i => $"{own.Key} {i}"), own);
        }
        var expected = fresh.Select(message => ((long)message["seq"]!, (long)message["rev"]!, (long)message["id"]!, (string)message["user"]!, (string)message["message"]!, (string?)message["nonce"]));
        foreach (var seen in readers)
        {
            Assert.Equal(expected, seen.Select(message => (message.Seq, message.Rev, message.Id, message.User, message.Text, message.Nonce)));
        }
    }

    /// <summary>Talks over a line that is cut and loses events at random, and returns what its reader has seen when all is said.</summary>
    private static async Task<IReadOnlyList<ChatMessage>> ConverseAsync(TestServer server, string name, Random random)
    {
        await using var proxy = new FrameProxy(server.Address);
        var events = 0;
        proxy.FromServer = text => !text.StartsWith("{\"type\":\"message\"", StringComparison.Ordinal) || Interlocked.Increment(ref events) % 23 != 0;
        await using var client = new TeahouseClient(new TeahouseClientOptions
        {
            Server = proxy.Address,
            Nickname = name,
            FirstRetry = TimeSpan.FromMilliseconds(10),
            LongestRetry = TimeSpan.FromMilliseconds(100),
        });
        var reader = new RoomReader(await client.JoinAsync("c", Ct));
        List<Task> sends = [];
        for (var i = 0; i < Rounds; i++)
        {
            if (random.Next(10) == 0)
            {
                // Gone without a word, perhaps with frames under way.
                proxy.Cut();
            }
            sends.Add(client.SendAsync("c", string.Create(CultureInfo.InvariantCulture, $"{name} {i}"), Ct));
            if (random.Next(3) == 0)
            {
                await Task.WhenAll(sends);
            }
        }
        await Task.WhenAll(sends);
        await reader.ReachAsync(Clients * Rounds);
        return reader.Messages;
    }
}
