using System.Text;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Realtime;

/// <summary>RFC 6455, 5.2: every form a length can have, both ways, however the bytes are cut on their way.</summary>
public sealed class FrameLengthTests(SharedServer shared) : IClassFixture<SharedServer>
{
    [Theory]
    [InlineData(13)]
    [InlineData(124)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(65534)]
    [InlineData(65535)]
    [InlineData(65536)]
    public async Task A_text_of_any_length_up_to_the_limit_is_taken(int length)
    {
        await using var socket = await shared.OpenAsync();

        await socket.SendAsync(RawSocket.Frame(1, Encoding.ASCII.GetBytes("{\"message\":1}".PadRight(length))));
        await socket.SendAsync(RawSocket.Frame(1, "{\"message\":\"next\"}"u8.ToArray()));

        Assert.Contains("\"code\":\"bad_frame\"", (await socket.ReceiveTextAsync()).Text, StringComparison.Ordinal);
        Assert.Contains("\"message\":\"next\"", (await socket.ReceiveTextAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_text_is_no_JSON_and_nothing_worse()
    {
        await using var socket = await shared.OpenAsync();

        await socket.SendAsync(RawSocket.Frame(1, []));

        Assert.Contains("\"code\":\"bad_json\"", (await socket.ReceiveTextAsync()).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(13)]
    [InlineData(997)]
    [InlineData(4096)]
    public async Task However_the_bytes_are_cut_the_frames_are_the_same(int chunk)
    {
        await using var socket = await shared.OpenAsync();
        var texts = ((int[])[1, 60, 100, 113, 114, 300, 3000]).Select(length => new string('x', length)).ToList();
        byte[] bytes = [.. texts.SelectMany(text => RawSocket.Frame(1, Encoding.ASCII.GetBytes($"{{\"message\":\"{text}\"}}")))];

        foreach (var piece in bytes.Chunk(chunk))
        {
            await socket.SendAsync(piece);
        }

        foreach (var text in texts)
        {
            Assert.Contains($"\"message\":\"{text}\"", (await socket.ReceiveTextAsync()).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_the_server_sends_has_the_shortest_form_of_its_length()
    {
        await using var socket = await RawSocket.ConnectAsync(shared.Server.Address, "/ws/chat/long-answers/", null, "Sec-WebSocket-Protocol: teahouse.v1");
        for (var i = 0; i < 50; i++)
        {
            await socket.SendAsync(RawSocket.Frame(1, Encoding.ASCII.GetBytes($"{{\"type\":\"send\",\"room\":\"long-answers\",\"nonce\":\"{i}\",\"message\":\"{new string('x', 2000)}\"}}")));
        }
        for (var acks = 0; acks < 50;)
        {
            acks += (await socket.ReceiveTextAsync()).Text.Contains("\"ack\"", StringComparison.Ordinal) ? 1 : 0;
        }

        // pong: 15 bytes; subscribed with fifty messages: over 65,535. What a message has lies between them.
        await socket.SendAsync([.. RawSocket.Frame(1, "{\"type\":\"subscribe\",\"room\":\"long-answers\"}"u8.ToArray()), .. RawSocket.Frame(1, "{\"type\":\"ping\"}"u8.ToArray())]);
        List<int> lengths = [];
        while (lengths is not [.., 15])
        {
            lengths.Add((await socket.ReceiveTextAsync()).Text.Length);
        }

        Assert.Contains(lengths, length => length > 65535);
        // Every header was of the length's own size, or what follows it would not have been frames.
        Assert.True(socket.HeadersWereMinimal);
    }
}
