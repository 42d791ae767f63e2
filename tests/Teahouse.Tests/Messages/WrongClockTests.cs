using System.Globalization;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

/// <summary>A machine whose clock is set back or forward while the server runs.</summary>
[Trait("Speed", "Medium")]
public sealed class WrongClockTests
{
    [Fact]
    public async Task Times_never_run_backwards_and_order_does_not_depend_on_them()
    {
        var clock = new ShiftedClock();
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits, clock: clock);
        var cookies = await server.SignInCookiesAsync("alice");
        using var browser = server.CreateClient(cookies);
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/r/", SocketClient.V1, cookies);
        await socket.ReceiveAsync("subscribed");
        List<DateTimeOffset> live = [];
        foreach (var offset in (double[])[0, -1, 0.5, -24, 24, -0.001, 23.9, 24.1, 0])
        {
            clock.Offset = TimeSpan.FromHours(offset);
            await socket.SendAsync(new { type = "send", room = "r", message = $"at {offset}", nonce = $"{live.Count}" });
            live.Add(TimeOf(await socket.ReceiveAsync("message")));
        }

        Assert.Equal(live.Order(), live);
        var stored = await History.ReadAsync(browser, "r");
        Assert.Equal(Enumerable.Range(1, live.Count), stored.Select(message => (int)message["seq"]!));
        Assert.Equal(live, stored.Select(TimeOf));
        // A clock that was right again soon is believed again once it has passed the latest message.
        clock.Offset = TimeSpan.FromHours(25);
        await socket.SendAsync(new { type = "send", room = "r", message = "later", nonce = "later" });
        Assert.InRange(TimeOf(await socket.ReceiveAsync(frame => (string?)frame["message"] == "later")), live[^1].AddMinutes(50), live[^1].AddMinutes(70));
    }

    [Fact]
    public async Task Rates_pings_presence_and_sessions_go_on()
    {
        var clock = new ShiftedClock();
        await using var server = await TestServer.StartAsync([("SOCKET_PING_SECONDS", "0.3"), ("SOCKET_PONG_SECONDS", "5"), ("SOCKET_HEARTBEAT_SECONDS", "0.2"),
            ("LIMIT_MESSAGES_PER_SECOND", "20"), ("LIMIT_MESSAGES_BURST", "1")], clock: clock);
        var (cookies, bobs) = (await server.SignInCookiesAsync("alice"), await server.SignInCookiesAsync("bob"));
        using var browser = server.CreateClient(cookies);
        await using var alice = await SocketClient.ConnectAsync(server, "/ws/chat/r/", SocketClient.V1, cookies);
        await alice.ReceiveAsync("subscribed");
        await using var silent = await RawSocket.ConnectAsync(server.Address, "/ws/chat/r/");

        clock.Offset = TimeSpan.FromHours(-10);

        // The bucket fills: nobody waits ten hours for the next drop.
        for (var i = 0; i < 5; i++)
        {
            await Eventually.TrueAsync(async () =>
            {
                await alice.SendAsync(new { type = "send", room = "r", message = $"m{i}", nonce = $"{i}" });
                var answer = await alice.ReceiveAsync(frame => (string?)frame["nonce"] == $"{i}" && (string?)frame["type"] is "ack" or "error");
                return (string?)answer["type"] == "ack";
            });
        }
        var closing = silent.ReceiveCloseAsync();
        while (!closing.IsCompleted)
        {
            // Who reads answers pings.
            await alice.ReceiveAsync("heartbeat");
        }
        Assert.Equal(4414, await closing);
        // Who comes and goes is told. She reads meanwhile: else she would answer no pings.
        var coming = alice.ReceiveAsync(frame => (string?)frame["type"] == "presence" && (bool)frame["online"]!);
        var bob = await SocketClient.ConnectAsync(server, "/ws/chat/r/", SocketClient.V1, bobs);
        await coming;
        await bob.DisposeAsync();
        await alice.ReceiveAsync(frame => (string?)frame["type"] == "presence" && !(bool)frame["online"]!);
        // And nobody is signed out.
        using var page = await browser.GetAsync(new Uri("/room/r/", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.OK, page.StatusCode);
    }

    private static DateTimeOffset TimeOf(System.Text.Json.Nodes.JsonObject message) => DateTimeOffset.Parse((string)message["timestamp"]!, CultureInfo.InvariantCulture);
}
