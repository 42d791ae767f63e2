using System.Buffers.Binary;

namespace Teahouse.Realtime;

/// <summary>Whole WebSocket frames as a server sends them: unmasked, unfragmented, header and payload in one piece of memory.</summary>
internal static class WireFrame
{
    public const byte Text = 0x1;
    public const byte Close = 0x8;
    public const byte Ping = 0x9;
    public const byte Pong = 0xA;

    /// <summary>Longest header of a server's frame.</summary>
    public const int MaxHeader = 10;

    public static readonly byte[] EmptyPing = Encode(Ping, []);

    public static byte[] Encode(byte opcode, ReadOnlySpan<byte> payload)
    {
        Span<byte> header = stackalloc byte[MaxHeader];
        var length = WriteHeader(header, opcode, payload.Length);
        var frame = new byte[length + payload.Length];
        header[..length].CopyTo(frame);
        payload.CopyTo(frame.AsSpan(length));
        return frame;
    }

    /// <summary>A text frame of a JSON object, of which <paramref name="members"/> is what stands between the braces.</summary>
    public static byte[] EncodeObject(ReadOnlySpan<byte> members)
    {
        Span<byte> header = stackalloc byte[MaxHeader];
        var length = WriteHeader(header, Text, members.Length + 2);
        var frame = new byte[length + members.Length + 2];
        header[..length].CopyTo(frame);
        frame[length] = (byte)'{';
        members.CopyTo(frame.AsSpan(length + 1));
        frame[^1] = (byte)'}';
        return frame;
    }

    public static byte[] EncodeClose(CloseCode code)
    {
        if (code == CloseCode.None)
        {
            return Encode(Close, []);
        }
        Span<byte> payload = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(payload, (ushort)code);
        return Encode(Close, payload);
    }

    /// <summary>Writes a header for one final frame and returns its length.</summary>
    public static int WriteHeader(Span<byte> header, byte opcode, int payloadLength)
    {
        header[0] = (byte)(0x80 | opcode);
        switch (payloadLength)
        {
            case < 126:
                header[1] = (byte)payloadLength;
                return 2;
            case <= ushort.MaxValue:
                header[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)payloadLength);
                return 4;
            default:
                header[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(header[2..], (ulong)payloadLength);
                return 10;
        }
    }
}

/// <summary>One event, encoded once for all who get it.</summary>
/// <param name="Rev">The room's revision it brings; 0 for what is forgotten at once (typing, presence).</param>
/// <param name="Plain">The frame for plain clients; empty when they are not told.</param>
/// <param name="V1">The frame for <c>teahouse.v1</c>.</param>
public sealed record EncodedEvent(long Rev, ReadOnlyMemory<byte> Plain, ReadOnlyMemory<byte> V1)
{
    /// <summary>Events up to this revision are to be forgotten: one of them says what was taken back. 0 for none.</summary>
    public long Forgets { get; init; }

    public ReadOnlyMemory<byte> For(bool plain) => plain ? Plain : V1;
}
