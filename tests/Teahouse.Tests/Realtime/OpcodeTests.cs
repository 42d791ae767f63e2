using Teahouse.Tests.Support;

namespace Teahouse.Tests.Realtime;

/// <summary>RFC 6455, 5.2: what is reserved may not be used, in whatever frame.</summary>
public sealed class OpcodeTests(SharedServer shared) : IClassFixture<SharedServer>
{
    public static TheoryData<int, bool, string> Reserved
    {
        get
        {
            var data = new TheoryData<int, bool, string>();
            foreach (var opcode in (int[])[3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
            {
                data.Add(opcode, true, "");
                data.Add(opcode, true, "payload");
                data.Add(opcode, false, "");
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Reserved))]
    public async Task A_reserved_opcode_is_a_protocol_error(int opcode, bool final, string payload)
    {
        await using var socket = await shared.OpenAsync();

        await socket.SendAsync(RawSocket.Frame(opcode, [.. payload.Select(letter => (byte)letter)], final));

        Assert.Equal(1002, await socket.ReceiveCloseAsync());
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(1, 3)]
    [InlineData(1, 4)]
    [InlineData(1, 5)]
    [InlineData(1, 6)]
    [InlineData(1, 7)]
    [InlineData(2, 4)]
    [InlineData(8, 4)]
    [InlineData(9, 1)]
    [InlineData(10, 2)]
    public async Task A_reserved_bit_is_a_protocol_error(int opcode, int bits)
    {
        await using var socket = await shared.OpenAsync();

        await socket.SendAsync(RawSocket.Frame(opcode, opcode == 8 ? [3, 0xE8] : "{}"u8.ToArray(), reserved: bits));

        Assert.Equal(1002, await socket.ReceiveCloseAsync());
    }

    [Fact]
    public async Task A_reserved_bit_in_a_later_fragment_is_one_too()
    {
        await using var socket = await shared.OpenAsync();

        await socket.SendAsync([.. RawSocket.Frame(1, "{"u8.ToArray(), final: false), .. RawSocket.Frame(0, "}"u8.ToArray(), reserved: 4)]);

        Assert.Equal(1002, await socket.ReceiveCloseAsync());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    public async Task A_frame_without_a_mask_is_a_protocol_error(int opcode)
    {
        await using var socket = await shared.OpenAsync();

        await socket.SendAsync(RawSocket.Frame(opcode, [], masked: false));

        Assert.Equal(1002, await socket.ReceiveCloseAsync());
    }

    [Fact]
    public async Task What_came_before_the_error_is_answered_and_what_follows_it_is_not()
    {
        await using var socket = await shared.OpenAsync();

        await socket.SendAsync([.. RawSocket.Frame(9, "before"u8.ToArray()), .. RawSocket.Frame(3, []), .. RawSocket.Frame(9, "after"u8.ToArray())]);

        Assert.Equal((10, "before"), await socket.ReceiveTextAsync());
        Assert.Equal(8, (await socket.ReceiveAsync())?.Opcode);
        Assert.Null(await socket.ReceiveAsync());
    }
}
