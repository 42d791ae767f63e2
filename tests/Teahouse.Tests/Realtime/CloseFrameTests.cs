using System.Text;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Realtime;

/// <summary>RFC 6455, 5.5.1 and 7.4: the closing handshake.</summary>
public sealed class CloseFrameTests(SharedServer shared) : IClassFixture<SharedServer>
{
    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(1002)]
    [InlineData(1003)]
    [InlineData(1007)]
    [InlineData(1008)]
    [InlineData(1009)]
    [InlineData(1010)]
    [InlineData(1011)]
    [InlineData(1012)]
    [InlineData(1013)]
    [InlineData(1014)]
    [InlineData(3000)]
    [InlineData(3999)]
    [InlineData(4000)]
    [InlineData(4999)]
    public async Task A_code_one_may_send_is_answered_with_itself_and_the_connection_ends(int code)
    {
        await using var socket = await shared.OpenAsync();

        await socket.SendAsync(RawSocket.Frame(8, Payload(code, "再見")));

        Assert.Equal(code, await socket.ReceiveCloseAsync());
        Assert.Null(await socket.ReceiveAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(999)]
    [InlineData(1004)]
    [InlineData(1005)]
    [InlineData(1006)]
    [InlineData(1015)]
    [InlineData(1016)]
    [InlineData(1100)]
    [InlineData(2000)]
    [InlineData(2999)]
    [InlineData(5000)]
    [InlineData(65535)]
    public async Task A_code_nobody_may_send_is_a_protocol_error(int code)
    {
        await using var socket = await shared.OpenAsync();

        await socket.SendAsync(RawSocket.Frame(8, Payload(code, "")));

        Assert.Equal(1002, await socket.ReceiveCloseAsync());
    }

    public static TheoryData<string, byte[], int> Reasons => new()
    {
        { "the longest", Payload(1000, new string('x', 123)), 1000 },
        { "the longest of wide characters", Payload(1000, string.Concat(Enumerable.Repeat("茶", 41))), 1000 },
        { "one byte too long", Payload(1000, new string('x', 124)), 1002 },
        { "no UTF-8", [3, 0xE8, 0xFF, 0xFE], 1007 },
        { "cut within a character", [3, 0xE8, 0xE8, 0x8C], 1007 },
        { "a surrogate", [3, 0xE8, 0xED, 0xA0, 0x80], 1007 },
        { "half a code", [3], 1002 },
        { "nothing at all", [], 1005 },
    };

    [Theory]
    [MemberData(nameof(Reasons))]
    public async Task A_reason_is_text_of_at_most_123_bytes(string what, byte[] payload, int code)
    {
        Assert.NotEmpty(what);
        await using var socket = await shared.OpenAsync();

        await socket.SendAsync(RawSocket.Frame(8, payload));

        Assert.Equal(code, await socket.ReceiveCloseAsync());
    }

    [Fact]
    public async Task After_a_close_nothing_is_listened_to()
    {
        await using var socket = await shared.OpenAsync();

        await socket.SendAsync([.. RawSocket.Frame(8, Payload(1000, "")), .. RawSocket.Frame(9, "late"u8.ToArray()), .. RawSocket.Frame(1, "{\"message\":\"late\"}"u8.ToArray()), .. RawSocket.Frame(8, Payload(4000, ""))]);

        Assert.Equal(1000, await socket.ReceiveCloseAsync());
        Assert.Null(await socket.ReceiveAsync());
    }

    [Fact]
    public async Task What_was_said_before_the_close_is_answered_before_it()
    {
        await using var socket = await shared.OpenAsync();

        await socket.SendAsync([.. RawSocket.Frame(9, "1"u8.ToArray()), .. RawSocket.Frame(1, "nonsense"u8.ToArray()), .. RawSocket.Frame(8, Payload(1000, ""))]);

        Assert.Equal((10, "1"), await socket.ReceiveTextAsync());
        Assert.Contains("bad_json", (await socket.ReceiveTextAsync()).Text, StringComparison.Ordinal);
        Assert.Equal(1000, await socket.ReceiveCloseAsync());
    }

    [Fact]
    public async Task A_connection_that_just_ends_leaves_its_place()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_SOCKETS", "1")]);
        var socket = await RawSocket.ConnectAsync(server.Address, "/ws/chat/r/");
        Assert.StartsWith("HTTP/1.1 101", socket.Answer, StringComparison.Ordinal);

        socket.Reset();

        await Eventually.TrueAsync(async () =>
        {
            await using var next = await RawSocket.ConnectAsync(server.Address, "/ws/chat/r/");
            return next.Answer.StartsWith("HTTP/1.1 101", StringComparison.Ordinal);
        });
    }

    private static byte[] Payload(int code, string reason) => [(byte)(code >> 8), (byte)code, .. Encoding.UTF8.GetBytes(reason)];
}
