using System.Text;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Realtime;

/// <summary>RFC 6455, 8.1: a text is UTF-8, wherever it was cut, and what cannot become one is refused before its end.</summary>
public sealed class Utf8Tests(SharedServer shared) : IClassFixture<SharedServer>
{
    public static TheoryData<string> Valid => new("κόσμε", "\u0080\u07FF", "\u0800\uD7FF\uE000\uFFFD", "\uFFFE\uFFFF", "\U00010000\U0010FFFF", "é e\u0301", "茶🍵茶");

    public static TheoryData<string, byte[]> Invalid => new()
    {
        { "a continuation alone", [0x80] },
        { "the last continuation alone", [0xBF] },
        { "two continuations", [0x80, 0xBF] },
        { "a beginning before a space", [0xC3, 0x20] },
        { "two of three bytes before a letter", [0xE8, 0x8C, 0x61] },
        { "three of four bytes before a letter", [0xF0, 0x9F, 0x8D, 0x61] },
        { "overlong / in two", [0xC0, 0xAF] },
        { "overlong / in three", [0xE0, 0x80, 0xAF] },
        { "overlong / in four", [0xF0, 0x80, 0x80, 0xAF] },
        { "overlong zero", [0xC0, 0x80] },
        { "the longest overlong of two", [0xC1, 0xBF] },
        { "the longest overlong of three", [0xE0, 0x9F, 0xBF] },
        { "the longest overlong of four", [0xF0, 0x8F, 0xBF, 0xBF] },
        { "a high surrogate", [0xED, 0xA0, 0x80] },
        { "a low surrogate", [0xED, 0xBF, 0xBF] },
        { "a pair of surrogates", [0xED, 0xA0, 0x80, 0xED, 0xB0, 0x80] },
        { "past the last code point", [0xF4, 0x90, 0x80, 0x80] },
        { "five bytes", [0xF8, 0x88, 0x80, 0x80, 0x80] },
        { "six bytes", [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80] },
        { "FE", [0xFE] },
        { "FF", [0xFF] },
    };

    [Theory]
    [MemberData(nameof(Valid))]
    public async Task Any_text_is_taken_wherever_it_is_cut(string text)
    {
        await using var socket = await shared.OpenAsync();
        var bytes = Encoding.UTF8.GetBytes($"[\"{text}\"]");

        await socket.SendAsync(RawSocket.Frame(1, bytes));
        Assert.Contains("\"code\":\"bad_frame\"", (await socket.ReceiveTextAsync()).Text, StringComparison.Ordinal);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            await socket.SendAsync([.. RawSocket.Frame(1, bytes[..cut], final: false), .. RawSocket.Frame(0, bytes[cut..])]);
            Assert.Contains("\"code\":\"bad_frame\"", (await socket.ReceiveTextAsync()).Text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task What_is_no_UTF8_ends_the_socket_with_1007(string what, byte[] bytes)
    {
        Assert.NotEmpty(what);
        await using var whole = await shared.OpenAsync();
        await whole.SendAsync(RawSocket.Frame(1, [.. "[\""u8, .. bytes, .. "\"]"u8]));
        Assert.Equal(1007, await whole.ReceiveCloseAsync());

        await using var inParts = await shared.OpenAsync();
        await inParts.SendAsync(RawSocket.Frame(1, "[\""u8.ToArray(), final: false));
        foreach (var one in bytes)
        {
            await inParts.SendAsync(RawSocket.Frame(0, [one], final: false));
        }
        await inParts.SendAsync(RawSocket.Frame(0, "\"]"u8.ToArray()));
        Assert.Equal(1007, await inParts.ReceiveCloseAsync());
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task What_cannot_become_UTF8_is_refused_before_the_message_ends(string what, byte[] bytes)
    {
        Assert.NotEmpty(what);
        await using var socket = await shared.OpenAsync();

        // The message goes on; the server does not wait for it.
        await socket.SendAsync(RawSocket.Frame(1, [.. "[\"茶"u8, .. bytes, .. "abc"u8], final: false));

        Assert.Equal(1007, await socket.ReceiveCloseAsync());
    }

    [Theory]
    [InlineData(new byte[] { 0xC3 })]
    [InlineData(new byte[] { 0xE8, 0x8C })]
    [InlineData(new byte[] { 0xF0, 0x9F, 0x8D })]
    public async Task A_text_that_ends_within_a_character_is_none(byte[] bytes)
    {
        await using var socket = await shared.OpenAsync();
        await socket.SendAsync(RawSocket.Frame(1, [.. "[\"x"u8, .. bytes], final: false));
        await socket.SendAsync(RawSocket.Frame(9, []));
        Assert.Equal(10, (await socket.ReceiveAsync())?.Opcode);

        await socket.SendAsync(RawSocket.Frame(0, []));

        Assert.Equal(1007, await socket.ReceiveCloseAsync());
    }
}
