using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Accounts;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

/// <summary>What signed-in people's sockets do: nonces, read marks, presence, typing, access, revocation.</summary>
public sealed class MemberSocketTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_cookie_needs_an_origin()
    {
        await using var server = await TestServer.StartAsync();
        var cookies = await server.SignInCookiesAsync("alice");

        await using var refused = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, headers: ("Cookie", cookies.GetCookieHeader(server.Address)));
        await using var accepted = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, cookies);

        Assert.Equal(HttpStatusCode.Forbidden, refused.RefusedWith);
        Assert.Equal("alice", (string?)(await accepted.ReceiveAsync("hello"))["user"]);
    }

    [Fact]
    public async Task A_repeated_nonce_gives_the_first_ack_and_stores_nothing()
    {
        await using var server = await TestServer.StartAsync();
        var cookies = await server.SignInCookiesAsync("alice");
        await using var one = await SubscribeAsync(server, cookies, "r");
        await using var two = await SubscribeAsync(server, cookies, "r");

        await one.SendAsync(new { type = "send", room = "r", message = "once", nonce = "n" });
        var first = await one.ReceiveAsync("ack");
        await two.SendAsync(new { type = "send", room = "R", message = " once ", nonce = "n" });
        var again = await two.ReceiveAsync("ack");
        await two.SendAsync(new { type = "send", room = "r", message = "other", nonce = "n" });
        var conflict = await two.ReceiveAsync("error");
        await two.SendAsync(new { type = "send", room = "r", message = "next", nonce = "m" });
        var next = await two.ReceiveAsync("ack");

        Assert.Equal((long?)first["id"], (long?)again["id"]);
        Assert.Equal((long?)first["seq"], (long?)again["seq"]);
        Assert.Equal((long?)first["rev"], (long?)again["rev"]);
        Assert.Equal("conflict", (string?)conflict["code"]);
        Assert.Equal("n", (string?)conflict["nonce"]);
        Assert.Equal((long)first["seq"]! + 1, (long?)next["seq"]);
        Assert.Equal((long)first["rev"]! + 1, (long?)next["rev"]);
    }

    [Fact]
    public async Task Parallel_sends_with_one_nonce_over_three_doors_store_one_message()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_MESSAGES_PER_SECOND", "0")]);
        var cookies = await server.SignInCookiesAsync("alice");
        using var browser = server.CreateClient(cookies);
        await using var v1 = await SubscribeAsync(server, cookies, "r");
        await using var plain = await SocketClient.ConnectAsync(server, "/ws/chat/r/", cookies: cookies);
        await v1.SendAsync(new { type = "send", room = "r", message = "make the room", nonce = "0" });
        await v1.ReceiveAsync("ack");
        for (var round = 1; round <= 10; round++)
        {
            var nonce = $"race {round}";
            await Task.WhenAll(
                v1.SendAsync(new { type = "send", room = "r", message = nonce, nonce }),
                plain.SendAsync(new { message = nonce, nonce }),
                browser.PostFormAsync("/room/r/", ("content", nonce), ("nonce", nonce)));
            Assert.Equal(nonce, (string?)(await v1.ReceiveAsync("ack"))["nonce"]);
        }

        var page = await browser.GetFromJsonAsync<JsonObject>("/api/v1/rooms/r/messages?limit=200", Ct);
        Assert.Equal(Enumerable.Range(1, 11), page!["messages"]!.AsArray().Select(m => (int)m!["seq"]!));
        Assert.Equal(11, (int)page["rev"]!);
    }

    [Fact]
    public async Task A_read_mark_moves_forward_only_and_is_told()
    {
        await using var server = await TestServer.StartAsync();
        var aliceCookies = await server.SignInCookiesAsync("alice");
        await using var alice = await SubscribeAsync(server, aliceCookies, "r");
        await using var bob = await SubscribeAsync(server, await server.SignInCookiesAsync("bob"), "r");
        for (var i = 1; i <= 3; i++)
        {
            await bob.SendAsync(new { type = "send", room = "r", message = $"m{i}", nonce = $"{i}" });
            await bob.ReceiveAsync("ack");
        }

        await alice.SendAsync(new { type = "read", room = "r", seq = 2 });
        var told = await bob.ReceiveAsync("read");
        Assert.Equal("alice", (string?)told["user"]);
        Assert.Equal(2, (long?)told["seq"]);
        await alice.SendAsync(new { type = "read", room = "r", seq = 1 });
        await alice.SendAsync(new { type = "read", room = "r", seq = 99 });
        Assert.Equal(3, (long?)(await bob.ReceiveAsync("read"))["seq"]);

        await using var again = await SubscribeAsync(server, aliceCookies, "r");
        Assert.Equal(3, (long?)again.Seen[^1]["last_read_seq"]);
    }

    [Fact]
    public async Task Coming_and_going_are_told_once_for_each_person()
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await SubscribeAsync(server, await server.SignInCookiesAsync("alice"), "r");
        var bobCookies = await server.SignInCookiesAsync("bob");

        var one = await SubscribeAsync(server, bobCookies, "r");
        var came = await alice.ReceiveAsync(frame => (string?)frame["type"] == "presence" && (string?)frame["user"] == "bob");
        Assert.True((bool?)came["online"]);
        Assert.Equal(2, (int?)came["members_online"]);
        await using (await SubscribeAsync(server, bobCookies, "r"))
        {
            Assert.Equal(2, (int?)one.Seen[^1]["members_online"]);
        }
        await one.CloseAsync();
        var gone = await alice.ReceiveAsync("presence");

        Assert.Equal("bob", (string?)gone["user"]);
        Assert.False((bool?)gone["online"]);
        Assert.Equal(1, (int?)gone["members_online"]);
    }

    [Fact]
    public async Task Typing_is_told_to_the_room_but_not_to_plain_clients()
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await SubscribeAsync(server, await server.SignInCookiesAsync("alice"), "r");
        await using var bob = await SubscribeAsync(server, await server.SignInCookiesAsync("bob"), "r");
        await using var plain = await SocketClient.ConnectAsync(server, "/ws/chat/r/");

        await bob.SendAsync(new { type = "typing", room = "r" });
        var typing = await alice.ReceiveAsync("typing");
        await bob.SendAsync(new { type = "read", room = "r", seq = 1 });
        await bob.SendAsync(new { type = "send", room = "r", message = "done", nonce = "1" });

        Assert.Equal("bob", (string?)typing["user"]);
        Assert.Equal("r", (string?)typing["room"]);
        Assert.Equal("done", (string?)(await plain.ReceiveAsync())["message"]);
        Assert.All(plain.Seen, frame => Assert.False(frame.ContainsKey("type")));
    }

    [Fact]
    public async Task A_room_one_may_not_enter_is_like_one_that_is_not_there()
    {
        await using var server = await TestServer.StartAsync([("GUESTS", "off")]);
        using var alice = await server.SignInAsync("alice");
        using var made = await alice.PostFormAsync("/create/", ("name", "den"), ("access", "private"));
        await using var mallory = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, await server.SignInCookiesAsync("mallory"));

        foreach (var type in (string[])["subscribe", "send", "read", "typing"])
        {
            JsonObject[] errors = [await AskAsync("den"), await AskAsync("nothing")];
            Assert.Equal(errors[1].ToJsonString().Replace("nothing", "den", StringComparison.Ordinal), errors[0].ToJsonString());
            Assert.Equal("forbidden", (string?)errors[0]["code"]);

            async Task<JsonObject> AskAsync(string room)
            {
                await mallory.SendAsync(new { type, room, message = "x", seq = 1, nonce = "n" });
                return await mallory.ReceiveAsync("error");
            }
        }
    }

    [Fact]
    public async Task Signing_out_ends_the_sockets_of_that_session_only()
    {
        await using var server = await TestServer.StartAsync();
        var here = await server.SignInCookiesAsync("alice");
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, here);
        await using var elsewhere = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, await server.SignInCookiesAsync("alice"));
        using var browser = server.CreateClient(here);

        using var response = await browser.PostFormFromAsync("/", "/logout/");

        Assert.Equal(4501, await socket.ReceiveCloseAsync());
        await elsewhere.SendAsync(new { type = "ping" });
        await elsewhere.ReceiveAsync("pong");
    }

    [Fact]
    public async Task Too_many_sockets_of_one_user_are_closed_with_4505()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_SOCKETS_PER_USER", "2")]);
        var cookies = await server.SignInCookiesAsync("alice");
        await using var one = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, cookies);
        await using var two = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, cookies);
        await one.ReceiveAsync("hello");
        await two.ReceiveAsync("hello");

        await using var three = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, cookies);
        Assert.Equal(4505, await three.ReceiveCloseAsync());
        await one.CloseAsync();
        // The place is free when the server has seen the close, which the closing handshake waits for.
        await using var four = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, cookies);
        await four.ReceiveAsync("hello");
    }

    [Fact]
    public async Task Over_the_total_the_handshake_is_answered_with_503()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_SOCKETS", "1")]);
        await using var one = await SocketClient.ConnectAsync(server, "/ws/chat/r/");
        await using var two = await SocketClient.ConnectAsync(server, "/ws/chat/r/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, two.RefusedWith);
        Assert.True(two.RefusedHeaders!.ContainsKey("Retry-After"));
    }

    [Fact]
    public async Task A_user_who_goes_too_fast_is_told_and_who_will_not_hear_is_closed_with_4413()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await SubscribeAsync(server, await server.SignInCookiesAsync("alice"), "r");
        for (var i = 0; i < 400; i++)
        {
            try
            {
                await client.SendAsync(new { type = "send", room = "r", message = $"m{i}", nonce = i.ToString(CultureInfo.InvariantCulture) });
            }
            catch (System.Net.WebSockets.WebSocketException)
            {
                break;
            }
        }

        var limited = await client.ReceiveAsync("error");
        Assert.Equal("rate_limited", (string?)limited["code"]);
        Assert.True((long?)limited["retry_ms"] > 0);
        Assert.NotNull((string?)limited["nonce"]);
        Assert.Equal(4413, await client.ReceiveCloseAsync());
    }

    private static async Task<SocketClient> SubscribeAsync(TestServer server, CookieContainer cookies, string room)
    {
        var client = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, cookies);
        await client.ReceiveAsync("hello");
        await client.SendAsync(new { type = "subscribe", room });
        await client.ReceiveAsync("subscribed");
        return client;
    }
}
