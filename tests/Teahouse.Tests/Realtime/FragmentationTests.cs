using System.Text;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Realtime;

/// <summary>RFC 6455, 5.4: messages in parts.</summary>
public sealed class FragmentationTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static readonly byte[] Text = Encoding.UTF8.GetBytes("{\"message\":\"一杯茶 🍵 ok\"}");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(16)]
    public async Task A_message_in_parts_of_any_size_is_one_message(int size)
    {
        await using var socket = await shared.OpenAsync();
        var parts = Text.Chunk(size).ToList();

        for (var i = 0; i < parts.Count; i++)
        {
            await socket.SendAsync(RawSocket.Frame(i == 0 ? 1 : 0, parts[i], final: i == parts.Count - 1));
        }

        Assert.Equal("一杯茶 🍵 ok", (string?)JsonNode.Parse((await socket.ReceiveTextAsync()).Text)!["message"]);
    }

    [Fact]
    public async Task Empty_parts_at_the_beginning_in_between_and_at_the_end_change_nothing()
    {
        await using var socket = await shared.OpenAsync();

        await socket.SendAsync([.. RawSocket.Frame(1, [], final: false), .. RawSocket.Frame(0, Text[..20], final: false), .. RawSocket.Frame(0, [], final: false),
            .. RawSocket.Frame(0, Text[20..], final: false), .. RawSocket.Frame(0, [])]);

        Assert.Equal("一杯茶 🍵 ok", (string?)JsonNode.Parse((await socket.ReceiveTextAsync()).Text)!["message"]);
    }

    [Fact]
    public async Task Pings_and_pongs_between_all_parts_are_served_at_once()
    {
        await using var socket = await shared.OpenAsync();
        var parts = Text.Chunk(5).ToList();

        for (var i = 0; i < parts.Count; i++)
        {
            await socket.SendAsync([.. RawSocket.Frame(i == 0 ? 1 : 0, parts[i], final: i == parts.Count - 1), .. RawSocket.Frame(10, []), .. RawSocket.Frame(9, Encoding.ASCII.GetBytes($"{i}"))]);
            if (i < parts.Count - 1)
            {
                Assert.Equal((10, $"{i}"), await socket.ReceiveTextAsync());
            }
        }

        List<int> opcodes = [(await socket.ReceiveTextAsync()).Opcode, (await socket.ReceiveTextAsync()).Opcode];
        Assert.Equal([1, 10], opcodes.Order());
    }

    [Fact]
    public async Task After_a_message_in_parts_one_in_a_single_frame_is_itself()
    {
        await using var socket = await shared.OpenAsync();

        for (var i = 0; i < 3; i++)
        {
            await socket.SendAsync([.. RawSocket.Frame(1, "{\"message\":"u8.ToArray(), final: false), .. RawSocket.Frame(0, Encoding.ASCII.GetBytes($"\"a{i}\"}}")),
                .. RawSocket.Frame(1, Encoding.ASCII.GetBytes($"{{\"message\":\"b{i}\"}}"))]);
            Assert.Contains($"\"message\":\"a{i}\"", (await socket.ReceiveTextAsync()).Text, StringComparison.Ordinal);
            Assert.Contains($"\"message\":\"b{i}\"", (await socket.ReceiveTextAsync()).Text, StringComparison.Ordinal);
        }
    }

    public static TheoryData<string, byte[], int> Broken => new()
    {
        { "a final part of nothing", RawSocket.Frame(0, "x"u8.ToArray()), 1002 },
        { "a part of nothing", RawSocket.Frame(0, "x"u8.ToArray(), final: false), 1002 },
        { "a part after the end", [.. RawSocket.Frame(1, "{"u8.ToArray(), final: false), .. RawSocket.Frame(0, "}"u8.ToArray()), .. RawSocket.Frame(0, [])], 1002 },
        { "a text inside a text", [.. RawSocket.Frame(1, "{"u8.ToArray(), final: false), .. RawSocket.Frame(1, "{}"u8.ToArray())], 1002 },
        { "the beginning of a text inside a text", [.. RawSocket.Frame(1, "{"u8.ToArray(), final: false), .. RawSocket.Frame(1, "{"u8.ToArray(), final: false)], 1002 },
        { "a binary inside a text", [.. RawSocket.Frame(1, "{"u8.ToArray(), final: false), .. RawSocket.Frame(2, "}"u8.ToArray())], 1002 },
        { "the beginning of a binary", RawSocket.Frame(2, [1], final: false), 1003 },
        { "parts that grow over the limit", [.. RawSocket.Frame(1, Spaces(65536), final: false), .. RawSocket.Frame(0, " "u8.ToArray(), final: false)], 1009 },
        { "a last part over the limit", [.. RawSocket.Frame(1, Spaces(65536), final: false), .. RawSocket.Frame(0, " "u8.ToArray())], 1009 },
        { "a part that claims 2^63 - 1 bytes", [.. RawSocket.Frame(1, " "u8.ToArray(), final: false), 0x00, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4], 1009 },
        { "a frame that claims 2^63 - 1 bytes", [0x81, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4], 1009 },
        { "a frame that claims 2^64 - 1 bytes", [0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4], 1002 },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task Parts_that_do_not_fit_end_the_socket(string what, byte[] bytes, int code)
    {
        Assert.NotEmpty(what);
        await using var socket = await shared.OpenAsync();

        await socket.SendAsync(bytes);

        Assert.Equal(code, await socket.ReceiveCloseAsync());
    }

    private static byte[] Spaces(int count) => [.. Enumerable.Repeat((byte)' ', count)];
}
