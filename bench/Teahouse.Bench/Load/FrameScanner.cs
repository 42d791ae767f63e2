using System.Buffers.Binary;

namespace Teahouse.Bench.Load;

/// <summary>One WebSocket frame as a server sends it.</summary>
internal readonly ref struct Frame
{
    public required OpCode OpCode { get; init; }

    /// <summary>Not masked and without a reserved bit, as a server must send it.</summary>
    public required bool IsValid { get; init; }

    /// <summary>The last piece of its message, mostly the only one.</summary>
    public required bool IsFinal { get; init; }

    public required ReadOnlySpan<byte> Payload { get; init; }

    /// <summary>Header and payload.</summary>
    public required int Length { get; init; }
}

internal enum OpCode : byte
{
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// <summary>As much of RFC 6455 as a load generator needs, for next to nothing.</summary>
internal static class FrameScanner
{
    /// <summary>Reads the frame that <paramref name="bytes"/> begins with; false when it is not there as a whole.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Frame frame)
    {
        frame = default;
        if (bytes.Length < 2)
        {
            return false;
        }
        long length = bytes[1] & 0x7f;
        var header = 2;
        if (length == 126)
        {
            if (bytes.Length < 4)
            {
                return false;
            }
            length = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
            header = 4;
        }
        else if (length == 127)
        {
            if (bytes.Length < 10)
            {
                return false;
            }
            length = BinaryPrimitives.ReadInt64BigEndian(bytes[2..]);
            header = 10;
        }
        if (length < 0 || length > bytes.Length - header)
        {
            return false;
        }
        frame = new Frame
        {
            OpCode = (OpCode)(bytes[0] & 0xf),
            IsValid = (bytes[0] & 0x70) == 0 && (bytes[1] & 0x80) == 0,
            IsFinal = (bytes[0] & 0x80) != 0,
            Payload = bytes.Slice(header, (int)length),
            Length = header + (int)length,
        };
        return true;
    }

    /// <summary>Writes a whole, masked frame and returns its length.</summary>
    public static int Write(Span<byte> into, OpCode opCode, ReadOnlySpan<byte> payload, uint mask)
    {
        into[0] = (byte)(0x80 | (byte)opCode);
        var header = 2;
        if (payload.Length < 126)
        {
            into[1] = (byte)(0x80 | payload.Length);
        }
        else
        {
            into[1] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(into[2..], checked((ushort)payload.Length));
            header = 4;
        }
        BinaryPrimitives.WriteUInt32BigEndian(into[header..], mask);
        var key = into.Slice(header, 4);
        var body = into.Slice(header + 4, payload.Length);
        for (var i = 0; i < payload.Length; i++)
        {
            body[i] = (byte)(payload[i] ^ key[i & 3]);
        }
        return header + 4 + payload.Length;
    }
}
