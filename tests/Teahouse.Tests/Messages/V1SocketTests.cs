using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

[Trait("Database", "Both"), Trait("Speed", "Medium")]
public sealed class V1SocketTests
{
    [Fact]
    public async Task A_room_socket_is_greeted_and_subscribed_at_once()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await SocketClient.ConnectAsync(server, "/ws/chat/lobby/", SocketClient.V1);

        var hello = await client.ReceiveAsync();
        var subscribed = await client.ReceiveAsync();

        Assert.Equal("teahouse.v1", client.SubProtocol);
        Assert.Equal("hello", (string?)hello["type"]);
        Assert.Null(hello["user"]);
        Assert.True((bool?)hello["guest"]);
        Assert.Equal(20, (int?)hello["heartbeat_s"]);
        Assert.Equal(8000, (int?)hello["limits"]!["message_chars"]);
        Assert.Equal(2000, (int?)hello["limits"]!["rooms"]);
        Assert.Equal("subscribed", (string?)subscribed["type"]);
        Assert.Equal((string?)hello["epoch"], (string?)subscribed["epoch"]);
        Assert.Equal(0, (long?)subscribed["rev"]);
        Assert.Empty(subscribed["messages"]!.AsArray());
        Assert.False((bool?)subscribed["reset"]);
    }

    [Theory]
    [InlineData("on")]
    [InlineData("off")]
    public async Task A_room_of_long_messages_can_be_entered(string fast)
    {
        await using var server = await TestServer.StartAsync([.. SharedServer.NoLimits, ("FAST_TRANSPORT", fast)]);
        await using var writer = await SocketClient.ConnectAsync(server, "/ws/chat/long/", SocketClient.V1);
        for (var i = 1; i <= 50; i++)
        {
            await writer.SendAsync(new { type = "send", room = "long", message = new string('字', 8000) });
        }
        await writer.ReceiveAsync(frame => (string?)frame["type"] == "ack" && (long?)frame["seq"] == 50);

        // Three times at once: each answer is larger than what may wait.
        await using var reader = await SubscribeAsync(server, "long");
        for (var i = 0; i < 3; i++)
        {
            await reader.SendAsync(new { type = "subscribe", room = "long" });
        }
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(50, (await reader.ReceiveAsync("subscribed"))["messages"]!.AsArray().Count);
        }
    }

    [Fact]
    public async Task Typing_is_remembered_of_subscribed_rooms_only()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        using var alice = await server.SignInAsync("alice");
        foreach (var room in (string[])["a", "b", "c"])
        {
            await alice.CreateRoomAsync(room, "members");
        }
        await using var typist = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, await server.SignInCookiesAsync("bob"));
        await using var listener = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, await server.SignInCookiesAsync("carol"));
        foreach (var room in (string[])["a", "b", "c"])
        {
            await listener.SendAsync(new { type = "subscribe", room });
            await listener.ReceiveAsync("subscribed");
        }

        await typist.SendAsync(new { type = "subscribe", room = "c" });
        foreach (var room in (string[])["a", "b", "c"])
        {
            await typist.SendAsync(new { type = "typing", room });
        }

        // Not b: all rooms that one does not listen to share one pace. Two rooms have no order between them.
        var heard = new[] { await listener.ReceiveAsync("typing"), await listener.ReceiveAsync("typing") };
        Assert.Equal(["a", "c"], heard.Select(frame => (string?)frame["room"]).Order());
    }

    [Fact]
    public async Task A_nonce_holds_no_control_characters()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await SubscribeAsync(server, "r");

        await client.SendTextAsync("{\"type\":\"send\",\"room\":\"r\",\"message\":\"hi\",\"nonce\":\"a\\u0000b\"}");

        Assert.Equal("bad_frame", (string?)(await client.ReceiveAsync("error"))["code"]);
    }

    [Fact]
    public async Task The_socket_for_many_rooms_needs_the_subprotocol()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await SocketClient.ConnectAsync(server, "/ws/");

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, client.RefusedWith);
    }

    [Fact]
    public async Task A_message_is_acknowledged_and_seen_by_all()
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await SubscribeAsync(server, "r");
        await using var bob = await SubscribeAsync(server, "r");

        await alice.SendAsync(new { type = "send", room = "r", message = "hi", nonce = "a1" });
        var ack = await alice.ReceiveAsync("ack");
        var message = await bob.ReceiveAsync("message");

        Assert.Equal("a1", (string?)ack["nonce"]);
        Assert.Equal((long?)ack["id"], (long?)message["id"]);
        Assert.Equal(1, (long?)ack["seq"]);
        Assert.Equal(1, (long?)ack["rev"]);
        Assert.Equal(1, (long?)message["rev"]);
        Assert.Equal("text", (string?)message["kind"]);
        Assert.True((bool?)message["guest"]);
        Assert.Equal("a1", (string?)message["nonce"]);
    }

    [Fact]
    public async Task Catching_up_gives_exactly_what_was_missed()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_GUEST_MESSAGES_PER_SECOND", "0")]);
        await using var writer = await SubscribeAsync(server, "r");
        for (var i = 1; i <= 60; i++)
        {
            await writer.SendAsync(new { type = "send", room = "r", message = $"m{i}", nonce = $"n{i}" });
        }
        await writer.ReceiveAsync(frame => (string?)frame["type"] == "ack" && (long?)frame["seq"] == 60);

        await using var latest = await SubscribeAsync(server, "r");
        var first = latest.Seen[^1];
        Assert.Equal(60, (long?)first["rev"]);
        Assert.Equal(Enumerable.Range(11, 50), first["messages"]!.AsArray().Select(m => (int)m!["seq"]!));

        await latest.SendAsync(new { type = "subscribe", room = "r", after = 57, epoch = (string?)first["epoch"] });
        var after = await latest.ReceiveAsync("subscribed");
        Assert.Equal([58, 59, 60], after["messages"]!.AsArray().Select(m => (int)m!["seq"]!));
        Assert.False((bool?)after["reset"]);

        await latest.SendAsync(new { type = "subscribe", room = "r", after = 57, epoch = "of another history" });
        var reset = await latest.ReceiveAsync("subscribed");
        Assert.True((bool?)reset["reset"]);
        Assert.Equal(50, reset["messages"]!.AsArray().Count);

        await latest.SendAsync(new { type = "subscribe", room = "r", after = 61 });
        Assert.True((bool?)(await latest.ReceiveAsync("subscribed"))["reset"]);
    }

    [Theory]
    [InlineData("{\"type\":\"nothing\"}", "bad_frame")]
    [InlineData("{\"type\":5}", "bad_frame")]
    [InlineData("{}", "bad_frame")]
    [InlineData("{\"type\":\"send\",\"room\":\"r\"}", "bad_frame")]
    [InlineData("{\"type\":\"send\",\"message\":\"x\"}", "bad_frame")]
    [InlineData("{\"type\":\"send\",\"room\":\"a b\",\"message\":\"x\"}", "bad_room")]
    [InlineData("{\"type\":\"subscribe\",\"room\":\"\"}", "bad_room")]
    [InlineData("{\"type\":\"subscribe\",\"room\":\"r\",\"after\":\"x\"}", "bad_frame")]
    [InlineData("{\"type\":\"read\",\"room\":\"r\"}", "bad_frame")]
    [InlineData("not json", "bad_json")]
    public async Task Errors_name_what_they_answer(string frame, string code)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await SubscribeAsync(server, "r");

        await client.SendTextAsync(frame);
        var error = await client.ReceiveAsync("error");

        Assert.Equal(code, (string?)error["code"]);
        await client.SendAsync(new { type = "ping" });
        await client.ReceiveAsync("pong");
    }

    [Fact]
    public async Task An_error_carries_the_nonce_and_room_of_the_frame_it_answers()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await SubscribeAsync(server, "r");

        await client.SendAsync(new { type = "send", room = "r", message = " ", nonce = "n9" });
        var error = await client.ReceiveAsync("error");

        Assert.Equal("empty_message", (string?)error["code"]);
        Assert.Equal("n9", (string?)error["nonce"]);
        Assert.Equal("r", (string?)error["room"]);
    }

    [Fact]
    public async Task A_heartbeat_tells_the_heads_of_the_subscribed_rooms()
    {
        await using var server = await TestServer.StartAsync([("SOCKET_HEARTBEAT_SECONDS", "0.2")]);
        await using var client = await SubscribeAsync(server, "茶館");
        await client.SendAsync(new { type = "send", room = "茶館", message = "x", nonce = "1" });
        await client.ReceiveAsync("ack");

        var heartbeat = await client.ReceiveAsync(frame => (string?)frame["type"] == "heartbeat" && (long?)frame["rooms"]!["茶館"] == 1);

        Assert.Single(heartbeat["rooms"]!.AsObject());
    }

    private static async Task<SocketClient> SubscribeAsync(TestServer server, string room)
    {
        var client = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1);
        await client.ReceiveAsync("hello");
        await client.SendAsync(new { type = "subscribe", room });
        await client.ReceiveAsync("subscribed");
        return client;
    }
}
