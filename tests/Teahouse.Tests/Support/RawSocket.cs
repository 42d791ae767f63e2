using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Teahouse.Tests.Support;

/// <summary>A WebSocket by hand, for what a proper client never does: bad frames, silence, not reading.</summary>
public sealed class RawSocket : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TcpClient _tcp = new() { NoDelay = true };
    private Stream _stream = Stream.Null;

    /// <summary>Every length that came had the shortest of its three forms.</summary>
    public bool HeadersWereMinimal { get; private set; } = true;

    /// <summary>The answer to the handshake, headers and all.</summary>
    public string Answer { get; private set; } = "";

    /// <summary>A bare connection: nothing is sent yet.</summary>
    public static async Task<RawSocket> DialAsync(Uri server, int? receiveBuffer = null)
    {
        var socket = new RawSocket();
        if (receiveBuffer is { } bytes)
        {
            socket._tcp.ReceiveBufferSize = bytes;
        }
        await socket._tcp.ConnectAsync(server.Host, server.Port);
        socket._stream = socket._tcp.GetStream();
        return socket;
    }

    /// <summary>The request that opens a socket.</summary>
    public static byte[] Handshake(Uri server, string path, params string[] headers) => Encoding.ASCII.GetBytes(
        $"GET {path} HTTP/1.1\r\nHost: {server.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + string.Concat(headers.Select(header => header + "\r\n")) + "\r\n");

    public static async Task<RawSocket> ConnectAsync(Uri server, string path, int? receiveBuffer = null, params string[] headers)
    {
        var socket = await DialAsync(server, receiveBuffer);
        await socket.SendAsync(Handshake(server, path, headers));
        var answer = new StringBuilder();
        var one = new byte[1];
        while (!answer.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await socket.ReadAsync(one) == 1)
        {
            answer.Append((char)one[0]);
        }
        socket.Answer = answer.ToString();
        return socket;
    }

    /// <summary>A masked frame.</summary>
    public static byte[] Frame(int opcode, byte[] payload, bool final = true, int reserved = 0, bool masked = true)
    {
        using var frame = new MemoryStream();
        frame.WriteByte((byte)((final ? 0x80 : 0) | (reserved << 4) | opcode));
        var mask = masked ? 0x80 : 0;
        Span<byte> length = stackalloc byte[8];
        switch (payload.Length)
        {
            case < 126:
                frame.WriteByte((byte)(mask | payload.Length));
                break;
            case <= ushort.MaxValue:
                frame.WriteByte((byte)(mask | 126));
                BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)payload.Length);
                frame.Write(length[..2]);
                break;
            default:
                frame.WriteByte((byte)(mask | 127));
                BinaryPrimitives.WriteUInt64BigEndian(length, (ulong)payload.Length);
                frame.Write(length);
                break;
        }
        if (masked)
        {
            frame.Write([1, 2, 3, 4]);
            payload = [.. payload.Select((value, i) => (byte)(value ^ (i % 4 + 1)))];
        }
        frame.Write(payload);
        return frame.ToArray();
    }

    public Task SendAsync(byte[] bytes) => _stream.WriteAsync(bytes).AsTask();

    /// <summary>Messages as plain clients send them, all in one piece.</summary>
    public Task SayAsync(IEnumerable<string> texts) =>
        SendAsync([.. texts.SelectMany(text => Frame(1, Encoding.UTF8.GetBytes(new JsonObject { ["message"] = text }.ToJsonString())))]);

    /// <summary>The next frame the server sends; null when it has ended the connection.</summary>
    public async Task<(int Opcode, byte[] Payload)?> ReceiveAsync()
    {
        try
        {
            var head = new byte[2];
            if (!await FillAsync(head))
            {
                return null;
            }
            long length = head[1] & 0x7F;
            if (length >= 126)
            {
                var more = new byte[length == 126 ? 2 : 8];
                if (!await FillAsync(more))
                {
                    return null;
                }
                var form = length;
                length = more.Length == 2 ? BinaryPrimitives.ReadUInt16BigEndian(more) : (long)BinaryPrimitives.ReadUInt64BigEndian(more);
                HeadersWereMinimal &= form == 126 ? length > 125 : length > ushort.MaxValue;
            }
            var payload = new byte[length];
            return await FillAsync(payload) ? (head[0] & 15, payload) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Reads up to the close frame and returns its code; 1005 without one in it, 1006 when the connection just ends.</summary>
    public async Task<int> ReceiveCloseAsync()
    {
        while (await ReceiveAsync() is { } frame)
        {
            if (frame.Opcode == 8)
            {
                return frame.Payload.Length < 2 ? 1005 : BinaryPrimitives.ReadUInt16BigEndian(frame.Payload);
            }
        }
        return 1006;
    }

    /// <summary>The next text or control frame as text.</summary>
    public async Task<(int Opcode, string Text)> ReceiveTextAsync()
    {
        var frame = await ReceiveAsync() ?? throw new InvalidOperationException("The server ended the connection.");
        return (frame.Opcode, Encoding.UTF8.GetString(frame.Payload));
    }

    /// <summary>Everything until the server ends the connection, in whichever way.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var all = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await ReadAsync(buffer) is var count and > 0)
            {
                all.Append(Encoding.Latin1.GetString(buffer, 0, count));
            }
        }
        catch (IOException)
        {
            // Reset.
        }
        return all.ToString();
    }

    /// <summary>Takes this many bytes of what has come.</summary>
    public async Task SkipAsync(int bytes) => await FillAsync(new byte[bytes]);

    /// <summary>Gone without a closing handshake of any layer: the server gets a reset.</summary>
    public void Reset()
    {
        _tcp.LingerState = new LingerOption(true, 0);
        _tcp.Dispose();
    }

    public ValueTask DisposeAsync()
    {
        _tcp.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<bool> FillAsync(byte[] buffer)
    {
        for (var filled = 0; filled < buffer.Length;)
        {
            var count = await ReadAsync(buffer.AsMemory(filled));
            if (count == 0)
            {
                return false;
            }
            filled += count;
        }
        return true;
    }

    private async Task<int> ReadAsync(Memory<byte> buffer)
    {
        using var timeout = new CancellationTokenSource(Patience);
        return await _stream.ReadAsync(buffer, timeout.Token);
    }
}
