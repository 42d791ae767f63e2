using System.Net;
using System.Net.Sockets;
using System.Text;
using Teahouse.Bench.Load;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Bench;

/// <summary>The load generator's sockets, at a server that is awkward on purpose and at the real one.</summary>
public sealed class SwarmTests
{
    private static readonly Wire Wire = new() { Path = "/ws/chat/{room}/", BeforeText = "{\"message\":\"", AfterText = "\"}" };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(70_000)]
    public void A_frame_is_read_when_it_is_there_as_a_whole(int length)
    {
        byte[] header = length < 126 ? [0x81, (byte)length]
            : length <= ushort.MaxValue ? [0x81, 126, (byte)(length >> 8), (byte)length]
            : [0x81, 127, 0, 0, 0, 0, 0, (byte)(length >> 16), (byte)(length >> 8), (byte)length];
        byte[] bytes = [.. header, .. Enumerable.Repeat((byte)'a', length), 0x89];

        for (var i = 0; i < header.Length; i++)
        {
            Assert.False(FrameScanner.TryRead(bytes.AsSpan(0, i), out _));
        }
        Assert.False(FrameScanner.TryRead(bytes.AsSpan(0, bytes.Length - 2), out _));
        Assert.True(FrameScanner.TryRead(bytes, out var frame));
        Assert.Equal((OpCode.Text, true, bytes.Length - 1, length), (frame.OpCode, frame.IsValid && frame.IsFinal, frame.Length, frame.Payload.Length));
    }

    [Fact]
    public async Task Frames_that_come_in_crumbs_are_put_together_and_pings_answered()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = DribbleAsync(listener);
        List<string> texts = [];
        using var swarm = new Swarm(Wire, [((IPEndPoint)listener.LocalEndpoint).Port]) { OnText = (_, text) => texts.Add(Encoding.UTF8.GetString(text)) };

        await Task.Run(() =>
        {
            swarm.Connect(rooms: 1, members: 1, perSecond: 100);
            for (var until = Swarm.Now + 20_000_000; swarm.Faults == 0 && Swarm.Now < until;)
            {
                swarm.Poll(until);
            }
        }, Ct);

        Assert.Equal(["one", "two"], texts);
        // The masked answer to "hey", after its two bytes of header and four of mask.
        Assert.Equal("hey", await serving);
        Assert.Equal("the server closed a connection", swarm.FirstFault);
    }

    [Fact]
    public async Task Everybody_in_a_room_gets_what_is_said_there()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_GUEST_MESSAGES_PER_SECOND", "0")]);
        var check = new DeliveryCheck(rooms: 2, members: 5, senders: 5);
        using var swarm = new Swarm(Wire, [server.Address.Port])
        {
            OnText = (socket, text) =>
            {
                Assert.True(Marker.TryFind(ref text, out var marker));
                check.Receive(socket.Room, socket.Member, marker.Number, Marker.FindSeq(text));
            },
        };

        await Task.Run(() =>
        {
            swarm.Connect(rooms: 2, members: 5, perSecond: 1000);
            for (var i = 0; i < 100; i++)
            {
                var (number, sender) = check.Next(i % 2);
                var text = new byte[Wire.BeforeText.Length + 128 + Wire.AfterText.Length];
                Encoding.UTF8.GetBytes(Wire.BeforeText, text);
                new Marker(1, i % 2, number, Swarm.Now).Write(text.AsSpan(Wire.BeforeText.Length, 128));
                Encoding.UTF8.GetBytes(Wire.AfterText, text.AsSpan(Wire.BeforeText.Length + 128));
                check.Sent(i % 2);
                swarm.Send(swarm.Sockets[(sender * 2) + (i % 2)], OpCode.Text, text);
                // A sender's next message waits for nobody; two senders' would have no order of their own.
                for (var until = Swarm.Now + 20_000_000; check.Unfinished > 0 && Swarm.Now < until;)
                {
                    swarm.Poll(until);
                }
            }
        }, Ct);

        Assert.Equal((500, 0, 0, 0, 0), (check.Delivered, check.Missing, check.Doubled, check.Disordered, swarm.Faults));
    }

    private static async Task<string> DribbleAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync(Ct);
        client.NoDelay = true;
        var stream = client.GetStream();
        var request = new byte[4096];
        var length = 0;
        while (!request.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            length += await stream.ReadAsync(request.AsMemory(length), Ct);
        }
        byte[] answer =
        [
            .. "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"u8,
            0x81, 3, .. "one"u8, 0x89, 3, .. "hey"u8, 0x01, 1, .. "t"u8, 0x80, 2, .. "wo"u8,
        ];
        foreach (var crumb in answer.Chunk(3))
        {
            await stream.WriteAsync(crumb, Ct);
        }
        var pong = new byte[9];
        await stream.ReadExactlyAsync(pong, Ct);
        return Encoding.ASCII.GetString([.. pong[6..].Select((value, i) => (byte)(value ^ pong[2 + i]))]);
    }
}
