using System.Net.Http.Json;
using System.Text.Json.Nodes;
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

    private static async Task<JsonObject> SayAsync(SocketClient socket, string text)
    {
        await socket.SendAsync(new { message = text });
        return await socket.ReceiveAsync(frame => (string?)frame["message"] == text);
    }
}
