using System.Buffers.Text;

namespace Teahouse.Bench.Load;

/// <summary>What a message of the load generator says, <c>~run.room.number.due~</c>: whose it is, its number in its room, and when it was due.</summary>
internal readonly record struct Marker(int Run, int Room, int Number, long DueMicroseconds)
{
    private static ReadOnlySpan<byte> SeqName => "\"seq\":"u8;

    /// <summary>Fills the text: the marker, then padding.</summary>
    public void Write(Span<byte> text)
    {
        text.Fill((byte)'x');
        text[0] = (byte)'~';
        var at = 1;
        Put(text, ref at, Run, '.');
        Put(text, ref at, Room, '.');
        Put(text, ref at, Number, '.');
        Put(text, ref at, DueMicroseconds, '~');
    }

    /// <summary>Finds the next marker; <paramref name="text"/> is then what follows it.</summary>
    public static bool TryFind(ref ReadOnlySpan<byte> text, out Marker marker)
    {
        marker = default;
        var start = text.IndexOf((byte)'~');
        if (start < 0)
        {
            return false;
        }
        var rest = text[(start + 1)..];
        if (!Take(ref rest, '.', out var run) || !Take(ref rest, '.', out var room) || !Take(ref rest, '.', out var number) || !Take(ref rest, '~', out var due))
        {
            return false;
        }
        text = rest;
        marker = new Marker((int)run, (int)room, (int)number, due);
        return true;
    }

    /// <summary>The room's number for this message, from servers that give one.</summary>
    public static long? FindSeq(ReadOnlySpan<byte> afterMarker)
    {
        var start = afterMarker.IndexOf(SeqName);
        return start >= 0 && Utf8Parser.TryParse(afterMarker[(start + SeqName.Length)..], out long seq, out _) ? seq : null;
    }

    private static void Put(Span<byte> text, ref int at, long value, char end)
    {
        if (!Utf8Formatter.TryFormat(value, text[at..], out var written))
        {
            throw new ArgumentException("The text is too short for its marker.");
        }
        at += written;
        text[at++] = (byte)end;
    }

    private static bool Take(ref ReadOnlySpan<byte> text, char end, out long value)
    {
        if (!Utf8Parser.TryParse(text, out value, out var used) || used >= text.Length || text[used] != end)
        {
            return false;
        }
        text = text[(used + 1)..];
        return true;
    }
}
