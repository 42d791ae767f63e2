using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Teahouse.Realtime;

/// <summary>What a client's frames amount to.</summary>
internal enum InboundKind
{
    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>Part of a message was taken; go on.</summary>
    Fragment,
    Text,
    Ping,
    Pong,
    Close,

    /// <summary>The peer broke the protocol or a limit; <see cref="FrameReader.Violation"/> says how.</summary>
    Violation,
}

/// <summary>Parses what a client sends (RFC 6455, section 5): masking, fragments, control frames between them, UTF-8, and the size limit before any
/// memory grows. One reader per connection, used by its reading loop alone.</summary>
internal sealed class FrameReader(int maxMessageBytes) : IDisposable
{
    private const int Continuation = 0;
    private const int TextFrame = 1;
    private const int BinaryFrame = 2;

    private byte[]? _message;
    private int _messageLength;
    private int _checkedLength;
    private bool _inMessage;

    /// <summary>The close code for the last <see cref="InboundKind.Violation"/>.</summary>
    public CloseCode Violation { get; private set; }

    /// <summary>The peer's code for the last <see cref="InboundKind.Close"/>.</summary>
    public CloseCode PeerCode { get; private set; }

    /// <summary>Takes one frame from the front of <paramref name="inputMemory"/>, which is unmasked in place.</summary>
    /// <param name="inputMemory">What has arrived and was not consumed yet.</param>
    /// <param name="consumed">Bytes to drop from the front; 0 when incomplete.</param>
    /// <param name="payload">For Text the whole message, for Ping and Pong the frame's data; valid until the next call.</param>
    public InboundKind Read(Memory<byte> inputMemory, out int consumed, out ReadOnlyMemory<byte> payload)
    {
        payload = default;
        consumed = 0;
        var input = inputMemory.Span;
        if (input.Length < 2)
        {
            return InboundKind.Incomplete;
        }
        var final = (input[0] & 0x80) != 0;
        var opcode = input[0] & 0x0F;
        var length = (long)(input[1] & 0x7F);
        // Reserved bits belong to extensions, and none is offered; a client must mask.
        if ((input[0] & 0x70) != 0 || (input[1] & 0x80) == 0)
        {
            return Broken(CloseCode.ProtocolError);
        }
        var control = opcode >= 8;
        if (control ? !final || length > 125 || opcode > 10 : opcode > BinaryFrame || (opcode == Continuation) != _inMessage)
        {
            return Broken(CloseCode.ProtocolError);
        }
        if (opcode == BinaryFrame)
        {
            return Broken(CloseCode.Binary);
        }
        var header = length switch { 126 => 8, 127 => 14, _ => 6 };
        if (input.Length < header)
        {
            return InboundKind.Incomplete;
        }
        length = length switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(input[2..]),
            127 => BinaryPrimitives.ReadInt64BigEndian(input[2..]),
            _ => length,
        };
        if (length < 0)
        {
            return Broken(CloseCode.ProtocolError);
        }
        // Subtracted, for a claimed length may be near the largest there is.
        if (!control && length > maxMessageBytes - (_inMessage ? _messageLength : 0))
        {
            return Broken(CloseCode.TooBig);
        }
        if (input.Length < header + length)
        {
            return InboundKind.Incomplete;
        }
        var data = input.Slice(header, (int)length);
        Unmask(data, MemoryMarshal.Read<uint>(input[(header - 4)..]));
        consumed = header + (int)length;
        var memory = inputMemory.Slice(header, (int)length);
        if (control)
        {
            payload = memory;
            return opcode switch { 8 => ReadClose(data), 9 => InboundKind.Ping, _ => InboundKind.Pong };
        }
        if (final && !_inMessage)
        {
            payload = memory;
        }
        else
        {
            Append(data);
            _inMessage = !final;
            if (!final)
            {
                return IsTextSoFar() ? InboundKind.Fragment : Broken(CloseCode.BadUtf8);
            }
            payload = _message.AsMemory(0, _messageLength);
            _messageLength = _checkedLength = 0;
        }
        return Utf8.IsValid(payload.Span) ? InboundKind.Text : Broken(CloseCode.BadUtf8);
    }

    /// <summary>Gives the fragments' memory back; call when no message is in parts.</summary>
    public void Trim()
    {
        if (!_inMessage && _message is not null)
        {
            ArrayPool<byte>.Shared.Return(_message);
            _message = null;
        }
    }

    public void Dispose()
    {
        _inMessage = false;
        Trim();
    }

    private void Append(ReadOnlySpan<byte> data)
    {
        if (_message is null || _message.Length < _messageLength + data.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(1024, _messageLength + data.Length));
            if (_message is not null)
            {
                _message.AsSpan(0, _messageLength).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_message);
            }
            _message = larger;
        }
        data.CopyTo(_message.AsSpan(_messageLength));
        _messageLength += data.Length;
    }

    /// <summary>What has come of a message in parts can still become one: who sends no text is not listened to until the end.</summary>
    private bool IsTextSoFar()
    {
        var part = _message.AsSpan(_checkedLength, _messageLength - _checkedLength);
        var length = part.Length;
        // The last character may be cut: at most three of its bytes are here.
        for (var back = 1; back <= Math.Min(3, part.Length); back++)
        {
            if ((part[^back] & 0xC0) != 0x80)
            {
                length -= Rune.DecodeFromUtf8(part[^back..], out _, out _) == OperationStatus.NeedMoreData ? back : 0;
                break;
            }
        }
        _checkedLength += length;
        return Utf8.IsValid(part[..length]);
    }

    private InboundKind ReadClose(ReadOnlySpan<byte> data)
    {
        if (data.Length == 0)
        {
            PeerCode = CloseCode.None;
            return InboundKind.Close;
        }
        var code = data.Length == 1 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(data);
        // 1004–1006 and 1015 are never on the wire; the rest below 3000 is not registered.
        if (code is not ((>= 1000 and <= 1003) or (>= 1007 and <= 1014) or (>= 3000 and <= 4999)))
        {
            return Broken(CloseCode.ProtocolError);
        }
        if (!Utf8.IsValid(data[2..]))
        {
            return Broken(CloseCode.BadUtf8);
        }
        PeerCode = (CloseCode)code;
        return InboundKind.Close;
    }

    private InboundKind Broken(CloseCode code)
    {
        Violation = code;
        return InboundKind.Violation;
    }

    private static void Unmask(Span<byte> data, uint mask)
    {
        var words = MemoryMarshal.Cast<byte, uint>(data);
        for (var i = 0; i < words.Length; i++)
        {
            words[i] ^= mask;
        }
        for (var i = words.Length * 4; i < data.Length; i++)
        {
            data[i] ^= (byte)(mask >> ((i & 3) * 8));
        }
    }
}
