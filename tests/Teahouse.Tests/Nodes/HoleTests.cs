using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Nodes;

/// <summary>What another node said and no hint told of.</summary>
[Trait("Speed", "Medium")]
public sealed class HoleTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whoever_joins_meanwhile_and_knows_of_it_hides_it_from_nobody()
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis: false);
        await using var there = await SocketClient.ConnectAsync(nodes.A, "/ws/chat/tea/");
        await SayAsync(there, "first");
        await using var here = await SocketClient.ConnectAsync(nodes.B, "/ws/chat/tea/");
        await SayAsync(here, "here");
        // Several times: between two looks into the database is time for it.
        for (var i = 0; i < 3; i++)
        {
            await SayAsync(there, $"there {i}");
            await using var joiner = await SocketClient.ConnectAsync(nodes.B, "/ws/chat/tea/", SocketClient.V1);
            await joiner.ReceiveAsync("subscribed");

            await here.ReceiveAsync(frame => (string?)frame["message"] == $"there {i}");
        }
    }

    [Fact]
    public async Task A_plain_client_that_read_a_message_by_itself_is_not_given_its_change()
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis: true);
        var cookies = await nodes.B.SignInCookiesAsync("alice");
        using var alice = await nodes.B.CreateBotAsync("alice");
        await using var there = await SocketClient.ConnectAsync(nodes.B.Address, "/ws/chat/tea/", cookies: TwoNodes.At(nodes.B, cookies));
        await SayAsync(there, "first");
        nodes.Gates[0].Shut();
        await using var here = await SocketClient.ConnectAsync(nodes.A, "/ws/chat/tea/");
        var said = await SayAsync(there, "tea");
        await here.ReceiveAsync(frame => (string?)frame["message"] == "tea");

        using var edited = await alice.PatchAsJsonAsync(new Uri($"/api/v1/rooms/tea/messages/{said["id"]}", UriKind.Relative), new { message = "tea, hot" }, Ct);
        edited.EnsureSuccessStatusCode();
        await SayAsync(there, "last");

        Assert.Equal("last", (string?)(await here.ReceiveAsync())["message"]);
    }

    [Fact]
    public async Task Rooms_that_cannot_be_read_keep_nothing_from_the_others()
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis: false);
        string[] rooms = ["bad1", "bad2", "bad3", "good1", "good2", "good3"];
        List<(SocketClient There, SocketClient Here)> sockets = [];
        foreach (var room in rooms)
        {
            sockets.Add((await SocketClient.ConnectAsync(nodes.A, $"/ws/chat/{room}/"), await SocketClient.ConnectAsync(nodes.B, $"/ws/chat/{room}/")));
            await SayAsync(sockets[^1].There, "first");
            await sockets[^1].Here.ReceiveAsync();
        }
        // Of a time that no calendar has.
        await nodes.A.Get<Db>().WriteAsync(async session =>
        {
            await session.ExecuteAsync("UPDATE rooms SET rev = rev + 1, last_seq = last_seq + 1 WHERE name_key LIKE 'bad%'");
            await session.ExecuteAsync("""
                INSERT INTO messages (room_id, seq, rev, kind, author_name, text, created_at)
                SELECT id, last_seq, rev, 'text', 'nobody', 'tea', 9000000000000000000 FROM rooms WHERE name_key LIKE 'bad%'
                """);
        }, Ct);

        foreach (var (there, here) in sockets[3..])
        {
            await SayAsync(there, "second");
            await here.ReceiveAsync(frame => (string?)frame["message"] == "second");
        }

        foreach (var (there, here) in sockets)
        {
            await there.DisposeAsync();
            await here.DisposeAsync();
        }
    }

    private static async Task<JsonObject> SayAsync(SocketClient socket, string text)
    {
        await socket.SendAsync(new { message = text });
        return await socket.ReceiveAsync(frame => (string?)frame["message"] == text);
    }
}
