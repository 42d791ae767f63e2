using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Messages;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

/// <summary>Read marks in a room that is too large to be counted through in a write.</summary>
[Trait("Database", "Both"), Trait("Speed", "Medium")]
public sealed class MarkReadTests
{
    private const int Many = 5_000;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Unread_is_exact_however_far_the_mark_moves()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        using var alice = await server.CreateBotAsync("alice");
        using var bob = await server.CreateBotAsync("bob");
        (await alice.PostAsJsonAsync("/api/v1/rooms", new { name = "den", access = "members" }, Ct)).EnsureSuccessStatusCode();
        await ReadAsync(bob, 1);
        await FillRooms.FillAsync(server, "den", 3000);
        await SayAsync(bob);
        await FillRooms.FillAsync(server, "den", Many);
        await SayAsync(bob);
        var last = await SayAsync(alice);
        Assert.Equal(last - 1 - 2, await UnreadAsync(bob));

        // Few messages, counted at once; many, counted beside; none of one's own among them; one; all.
        foreach (var (seq, own) in new[] { (100L, 2), (2500, 2), (last / 2, 1), (last - 5, 1), (last, 0) })
        {
            await ReadAsync(bob, seq);
            Assert.Equal(last - seq - own, await UnreadAsync(bob));
        }
        // It never goes back.
        await ReadAsync(bob, 7);
        Assert.Equal(0, await UnreadAsync(bob));

        // Step by step from the beginning, with a message of one's own at the end.
        using var carol = await server.CreateBotAsync("carol");
        await ReadAsync(carol, 1);
        await SayAsync(carol);
        var mark = server.Get<MarkRead>();
        var pass = await server.Get<RoomAccess>().FindAsync(await CallerAsync(server, "carol"), "den", Ct);
        for (var seq = 2; seq < 102; seq++)
        {
            await mark.ExecuteAsync(pass, seq, Ct);
        }

        Assert.Equal(last + 1 - 101 - 1, await UnreadAsync(carol));
    }

    private static async Task<Caller> CallerAsync(TestServer server, string name) =>
        new() { Kind = CallerKind.User, Username = name, UserId = await server.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT id FROM users WHERE username = @name", new { name }), Ct) };

    private static async Task ReadAsync(HttpClient client, long seq) =>
        (await client.PostAsJsonAsync(new Uri("/api/v1/rooms/den/read", UriKind.Relative), new { seq }, Ct)).EnsureSuccessStatusCode();

    private static async Task<long> SayAsync(HttpClient client)
    {
        using var answer = await client.PostAsJsonAsync(new Uri("/api/v1/rooms/den/messages", UriKind.Relative), new { message = "mine" }, Ct);
        return (long)(await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>(Ct))!["seq"]!;
    }

    private static async Task<long> UnreadAsync(HttpClient client) =>
        (long)(await client.GetFromJsonAsync<JsonObject>(new Uri("/api/v1/rooms/den", UriKind.Relative), Ct))!["unread"]!;
}
