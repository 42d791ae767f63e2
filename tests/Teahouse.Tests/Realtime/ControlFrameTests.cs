using System.Globalization;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Realtime;

/// <summary>RFC 6455, 5.5: pings and pongs of every size, where they may stand, and how many.</summary>
public sealed class ControlFrameTests(SharedServer shared) : IClassFixture<SharedServer>
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(124)]
    [InlineData(125)]
    public async Task A_ping_is_answered_with_what_it_held(int length)
    {
        await using var socket = await shared.OpenAsync();
        // Not text: a ping may hold anything.
        byte[] payload = [.. Enumerable.Range(0, length).Select(i => (byte)(255 - i))];

        await socket.SendAsync(RawSocket.Frame(9, payload));
        var answer = await socket.ReceiveAsync();

        Assert.Equal(10, answer?.Opcode);
        Assert.Equal(payload, answer?.Payload);
    }

    [Theory]
    [InlineData(9, 126)]
    [InlineData(10, 126)]
    [InlineData(8, 126)]
    [InlineData(9, 65536)]
    public async Task A_control_frame_over_125_bytes_is_a_protocol_error(int opcode, int length)
    {
        await using var socket = await shared.OpenAsync();

        await socket.SendAsync(RawSocket.Frame(opcode, new byte[length]));

        Assert.Equal(1002, await socket.ReceiveCloseAsync());
    }

    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    public async Task A_control_frame_in_parts_is_a_protocol_error(int opcode)
    {
        await using var socket = await shared.OpenAsync();

        await socket.SendAsync([.. RawSocket.Frame(opcode, [], final: false), .. RawSocket.Frame(0, [])]);

        Assert.Equal(1002, await socket.ReceiveCloseAsync());
    }

    [Fact]
    public async Task Pings_are_answered_in_order()
    {
        await using var socket = await shared.OpenAsync();

        await socket.SendAsync([.. Enumerable.Range(0, 100).SelectMany(i => RawSocket.Frame(9, Number(i)))]);

        for (var i = 0; i < 100; i++)
        {
            Assert.Equal((10, $"{i}"), await socket.ReceiveTextAsync());
        }
    }

    [Fact]
    public async Task A_pong_nobody_asked_for_is_passed_over()
    {
        await using var socket = await shared.OpenAsync();

        await socket.SendAsync([.. RawSocket.Frame(10, []), .. RawSocket.Frame(10, new byte[125]), .. RawSocket.Frame(9, "asked"u8.ToArray())]);

        Assert.Equal((10, "asked"), await socket.ReceiveTextAsync());
    }

    [Fact]
    public async Task A_close_between_fragments_is_answered_and_the_rest_is_not_missed()
    {
        await using var socket = await shared.OpenAsync();

        await socket.SendAsync([.. RawSocket.Frame(1, "{\"mess"u8.ToArray(), final: false), .. RawSocket.Frame(8, [3, 0xE8])]);

        Assert.Equal(1000, await socket.ReceiveCloseAsync());
    }

    [Theory]
    [InlineData("pings", 9, true)]
    [InlineData("pongs", 10, true)]
    [InlineData("empty fragments", 0, false)]
    public async Task Who_floods_with_frames_that_say_nothing_is_closed_with_4413_and_others_are_served(string what, int opcode, bool final)
    {
        Assert.NotEmpty(what);
        await using var socket = await shared.OpenAsync();
        await using var other = await shared.OpenAsync();
        if (opcode == 0)
        {
            await socket.SendAsync(RawSocket.Frame(1, [], final: false));
        }
        byte[] flood = [.. Enumerable.Range(0, 10_000).SelectMany(_ => RawSocket.Frame(opcode, [], final))];

        // A million of them, unless it ends before.
        var sending = Task.Run(async () =>
        {
            try
            {
                for (var i = 0; i < 100; i++)
                {
                    await socket.SendAsync(flood);
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // Ended, as it should be.
            }
        }, TestContext.Current.CancellationToken);
        for (var i = 0; i < 20; i++)
        {
            await other.SendAsync(RawSocket.Frame(9, Number(i)));
            Assert.Equal((10, $"{i}"), await other.ReceiveTextAsync());
        }

        Assert.Equal(4413, await socket.ReceiveCloseAsync());
        socket.Reset();
        await sending;
    }

    private static byte[] Number(int number) => System.Text.Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture));
}
