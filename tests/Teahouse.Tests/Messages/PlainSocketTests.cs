using System.Net;
using System.Net.WebSockets;
using System.Text.RegularExpressions;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

public sealed partial class PlainSocketTests
{
    [Fact]
    public async Task Everybody_in_the_room_gets_the_message_the_sender_too()
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await SocketClient.ConnectAsync(server, "/ws/chat/lobby/");
        await using var bob = await SocketClient.ConnectAsync(server, "/ws/chat/LOBBY/");

        await alice.SendAsync(new { message = "  哈囉 <b>&\"  ", username = "小明", nonce = "n1" });
        var sent = await alice.ReceiveAsync();
        var got = await bob.ReceiveAsync();

        Assert.Equal("哈囉 <b>&\"", (string?)got["message"]);
        Assert.Equal("小明", (string?)got["user"]);
        Assert.Equal("小明", (string?)got["username"]);
        Assert.Equal("lobby", (string?)got["room"]);
        Assert.Equal(1, (long?)got["seq"]);
        Assert.Equal("n1", (string?)got["nonce"]);
        Assert.Matches(Time(), (string?)got["time"]);
        Assert.Matches(Timestamp(), (string?)got["timestamp"]);
        Assert.Equal(sent.ToJsonString(), got.ToJsonString());
        Assert.Equal(["message", "user", "username", "time", "timestamp", "room", "id", "seq", "nonce"], got.Select(field => field.Key));
    }

    [Fact]
    public async Task A_visitor_without_a_nickname_is_called_as_before()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await SocketClient.ConnectAsync(server, "/ws/chat/d/");

        await client.SendAsync(new { message = "x" });

        Assert.Equal("未登入用戶", (string?)(await client.ReceiveAsync())["user"]);
    }

    [Theory]
    [InlineData("{", "bad_json")]
    [InlineData("[]", "bad_frame")]
    [InlineData("5", "bad_frame")]
    [InlineData("{}", "bad_frame")]
    [InlineData("{\"message\":5}", "bad_frame")]
    [InlineData("{\"message\":\"\"}", "empty_message")]
    [InlineData("{\"message\":\" \\n\\u3000\"}", "empty_message")]
    [InlineData("{\"message\":\"a\\u0000b\"}", "bad_text")]
    [InlineData("{\"message\":\"a\\u001bb\"}", "bad_text")]
    [InlineData("{\"message\":\"\\ud800\"}", "bad_text")]
    [InlineData("{\"message\":\"\\u200b\\u200d\"}", "bad_text")]
    [InlineData("{\"message\":\"x\",\"nonce\":\"\"}", "bad_frame")]
    [InlineData("{\"message\":\"x\",\"nonce\":7}", "bad_frame")]
    public async Task Bad_input_is_answered_to_its_sender_alone_and_the_socket_stays_open(string frame, string code)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await SocketClient.ConnectAsync(server, "/ws/chat/r/");

        await client.SendTextAsync(frame);
        var error = await client.ReceiveAsync();

        Assert.Equal(code, (string?)error["code"]);
        Assert.NotEmpty((string?)error["error"] ?? "");
        await client.SendAsync(new { message = "still here" });
        Assert.Equal("still here", (string?)(await client.ReceiveAsync())["message"]);
    }

    [Fact]
    public async Task Text_is_kept_code_point_for_code_point_up_to_the_limit()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await SocketClient.ConnectAsync(server, "/ws/chat/r/");
        var longest = string.Concat(Enumerable.Repeat("茶", 7999)) + "😀";

        await client.SendAsync(new { message = longest });
        Assert.Equal(longest, (string?)(await client.ReceiveAsync())["message"]);
        await client.SendAsync(new { message = longest + "x" });
        Assert.Equal("too_long", (string?)(await client.ReceiveAsync())["code"]);
        await client.SendAsync(new { message = "a\tb\r\nc e\u0301 ﷺ" });
        Assert.Equal("a\tb\r\nc e\u0301 ﷺ", (string?)(await client.ReceiveAsync())["message"]);
    }

    [Fact]
    public async Task Errors_are_in_the_senders_language()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var (language, text) in ((string, string)[])[("en-GB,en", "The message must not be empty."), ("zh-CN", "消息内容不能为空。"), ("zh-TW", "訊息內容不可為空。"), ("fr", "訊息內容不可為空。")])
        {
            await using var client = await SocketClient.ConnectAsync(server, "/ws/chat/r/", headers: ("Accept-Language", language));
            await client.SendAsync(new { message = " " });
            Assert.Equal(text, (string?)(await client.ReceiveAsync())["error"]);
        }
    }

    [Fact]
    public async Task A_bad_room_name_is_accepted_and_closed_with_4503()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await SocketClient.ConnectAsync(server, "/ws/chat/no%20spaces/");

        Assert.Equal(4503, await client.ReceiveCloseAsync());
    }

    [Theory]
    [InlineData("http://evil.example", HttpStatusCode.Forbidden)]
    [InlineData("null", HttpStatusCode.Forbidden)]
    [InlineData("https://friend.example", null)]
    [InlineData("https://friend.example.evil.example", HttpStatusCode.Forbidden)]
    public async Task Only_allowed_origins_may_connect(string origin, HttpStatusCode? refused)
    {
        await using var server = await TestServer.StartAsync([("ALLOWED_ORIGINS", "https://friend.example")]);
        await using var client = await SocketClient.ConnectAsync(server, "/ws/chat/r/", headers: ("Origin", origin));

        Assert.Equal(refused, client.RefusedWith);
    }

    [Fact]
    public async Task Binary_bad_utf8_and_too_large_frames_end_the_socket()
    {
        await using var server = await TestServer.StartAsync();
        await using var binary = await SocketClient.ConnectAsync(server, "/ws/chat/r/");
        await binary.SendBytesAsync([1, 2], WebSocketMessageType.Binary);
        Assert.Equal(1003, await binary.ReceiveCloseAsync());

        await using var utf8 = await SocketClient.ConnectAsync(server, "/ws/chat/r/");
        await utf8.SendBytesAsync([0x7b, 0xff], WebSocketMessageType.Text);
        Assert.Equal(1007, await utf8.ReceiveCloseAsync());

        await using var large = await SocketClient.ConnectAsync(server, "/ws/chat/r/");
        await large.SendBytesAsync(new byte[65537], WebSocketMessageType.Text);
        Assert.Equal(1009, await large.ReceiveCloseAsync());
    }

    [Fact]
    public async Task A_guest_who_goes_too_fast_is_told_when_to_try_again()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = await SocketClient.ConnectAsync(server, "/ws/chat/r/");

        for (var i = 0; i < 6; i++)
        {
            await client.SendAsync(new { message = $"m{i}" });
        }
        var error = await client.ReceiveAsync(frame => frame.ContainsKey("code"));

        Assert.Equal("rate_limited", (string?)error["code"]);
        Assert.True((long?)error["retry_ms"] > 0);
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")]
    private static partial Regex Time();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+08:00$")]
    private static partial Regex Timestamp();
}
