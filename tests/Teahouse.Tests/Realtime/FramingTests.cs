using System.Text;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Realtime;

/// <summary>RFC 6455 from outside: framing, fragments, control frames, close codes, deadlines.</summary>
public sealed class FramingTests
{
    public static TheoryData<string, byte[], int> Violations => new()
    {
        { "reserved bit", RawSocket.Frame(1, [1], reserved: 4), 1002 },
        { "no mask", RawSocket.Frame(1, "{}"u8.ToArray(), masked: false), 1002 },
        { "reserved opcode", RawSocket.Frame(3, []), 1002 },
        { "reserved control opcode", RawSocket.Frame(11, []), 1002 },
        { "fragmented ping", RawSocket.Frame(9, [], final: false), 1002 },
        { "long ping", RawSocket.Frame(9, new byte[126]), 1002 },
        { "continuation of nothing", RawSocket.Frame(0, "x"u8.ToArray()), 1002 },
        { "text inside a text", [.. RawSocket.Frame(1, "{"u8.ToArray(), final: false), .. RawSocket.Frame(1, "}"u8.ToArray())], 1002 },
        { "binary", RawSocket.Frame(2, [1]), 1003 },
        { "bad UTF-8", RawSocket.Frame(1, [0xC3, 0x28]), 1007 },
        { "overlong UTF-8", RawSocket.Frame(1, [0xC0, 0xAF]), 1007 },
        { "a surrogate in UTF-8", RawSocket.Frame(1, [0xED, 0xA0, 0x80]), 1007 },
        { "over the limit", RawSocket.Frame(1, new byte[65537]), 1009 },
        { "over the limit in fragments", [.. RawSocket.Frame(1, new byte[40000], final: false), .. RawSocket.Frame(0, new byte[40000], final: false)], 1009 },
        { "only a header over the limit", [0x81, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4], 1009 },
        { "negative length", [0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4], 1002 },
        { "close with one byte", RawSocket.Frame(8, [3]), 1002 },
        { "close with 1005", RawSocket.Frame(8, [3, 0xED]), 1002 },
        { "close with 999", RawSocket.Frame(8, [3, 0xE7]), 1002 },
        { "close with a bad reason", RawSocket.Frame(8, [3, 0xE8, 0xFF]), 1007 },
        { "close", RawSocket.Frame(8, [3, 0xE8]), 1000 },
        { "close without a code", RawSocket.Frame(8, []), 1005 },
        { "close with an application's code", RawSocket.Frame(8, [0x0F, 0xA0]), 4000 },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task A_frame_ends_the_socket_with_its_code(string what, byte[] bytes, int code)
    {
        Assert.NotEmpty(what);
        await using var server = await TestServer.StartAsync();
        await using var socket = await RawSocket.ConnectAsync(server.Address, "/ws/chat/r/");
        Assert.StartsWith("HTTP/1.1 101", socket.Answer, StringComparison.Ordinal);
        Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", socket.Answer, StringComparison.Ordinal);

        await socket.SendAsync(bytes);

        Assert.Equal(code, await socket.ReceiveCloseAsync());
    }

    [Fact]
    public async Task Fragments_with_pings_between_them_are_one_message()
    {
        await using var server = await TestServer.StartAsync();
        await using var socket = await RawSocket.ConnectAsync(server.Address, "/ws/chat/r/");
        var text = Encoding.UTF8.GetBytes("{\"message\":\"茶\"}");

        // Cut inside a character, one byte at a time on the wire.
        byte[] bytes = [.. RawSocket.Frame(1, text[..13], final: false), .. RawSocket.Frame(9, "hey"u8.ToArray()), .. RawSocket.Frame(0, [], final: false), .. RawSocket.Frame(0, text[13..])];
        foreach (var one in bytes)
        {
            await socket.SendAsync([one]);
        }

        Assert.Equal((10, "hey"), await socket.ReceiveTextAsync());
        var (opcode, message) = await socket.ReceiveTextAsync();
        Assert.Equal(1, opcode);
        Assert.Contains("\"message\":\"茶\"", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_sent_in_one_packet_are_answered_in_order()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_GUEST_MESSAGES_PER_SECOND", "0"), ("LIMIT_MESSAGES_PER_SECOND", "0")]);
        await using var socket = await RawSocket.ConnectAsync(server.Address, "/ws/chat/r/");

        await socket.SendAsync([.. Enumerable.Range(0, 60).SelectMany(i => RawSocket.Frame(1, Encoding.UTF8.GetBytes($"{{\"message\":\"m{i}\"}}")))]);

        for (var i = 0; i < 60; i++)
        {
            Assert.Contains($"\"message\":\"m{i}\"", (await socket.ReceiveTextAsync()).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Who_does_not_answer_pings_is_closed_with_4414()
    {
        await using var server = await TestServer.StartAsync([("SOCKET_PING_SECONDS", "0.2"), ("SOCKET_PONG_SECONDS", "5")]);
        await using var socket = await RawSocket.ConnectAsync(server.Address, "/ws/chat/r/");

        Assert.Equal(9, (await socket.ReceiveAsync())?.Opcode);
        await socket.SendAsync(RawSocket.Frame(10, []));
        Assert.Equal(9, (await socket.ReceiveAsync())?.Opcode);
        Assert.Equal(4414, await socket.ReceiveCloseAsync());
    }

    [Fact]
    public async Task Who_takes_nothing_is_dropped_and_the_others_never_wait()
    {
        await using var server = await TestServer.StartAsync([("SOCKET_STALL_SECONDS", "0.5"), ("LIMIT_GUEST_MESSAGES_PER_SECOND", "0"), ("LIMIT_MESSAGES_PER_SECOND", "0")]);
        await using var stalled = await RawSocket.ConnectAsync(server.Address, "/ws/chat/r/", receiveBuffer: 4096);
        await using var quick = await SocketClient.ConnectAsync(server, "/ws/chat/r/");
        var registry = server.Get<Teahouse.Realtime.ConnectionRegistry>();
        var text = new string('x', 8000);
        await Eventually.TrueAsync(() => registry.Count == 2);

        var sent = 0;
        while (registry.Count == 2)
        {
            Assert.True(sent < 20_000, "The stalled client was never dropped.");
            await quick.SendAsync(new { message = $"{sent} {text}"[..8000] });
            var got = await quick.ReceiveAsync();
            Assert.StartsWith($"{sent} ", (string?)got["message"], StringComparison.Ordinal);
            sent++;
        }

        Assert.Equal(1, registry.Count);
    }

    [Theory]
    [InlineData("Sec-WebSocket-Version: 8", "426")]
    [InlineData("Upgrade: h2c", "426")]
    public async Task A_handshake_that_is_none_is_refused(string header, string status)
    {
        await using var server = await TestServer.StartAsync();
        using var http = server.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/ws/chat/r/");
        request.Headers.TryAddWithoutValidation(header.Split(": ")[0], header.Split(": ")[1]);

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task When_the_program_stops_clients_are_told_and_closed_with_1012()
    {
        var server = await TestServer.StartAsync();
        await using var v1 = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1);
        await using var plain = await SocketClient.ConnectAsync(server, "/ws/chat/r/");
        await v1.ReceiveAsync("hello");

        var stopping = server.DisposeAsync();
        var drain = await v1.ReceiveAsync("drain");

        Assert.True((int?)drain["retry_ms"] > 0);
        Assert.Equal(1012, await v1.ReceiveCloseAsync());
        Assert.Equal(1012, await plain.ReceiveCloseAsync());
        await stopping;
    }
}
