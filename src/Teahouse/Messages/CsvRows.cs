using System.Buffers;
using System.Globalization;
using System.Text;

namespace Teahouse.Messages;

/// <summary>Messages as rows of a CSV file (RFC 4180).</summary>
internal static class CsvRows
{
    /// <summary>What a spreadsheet takes for the beginning of a formula, in any width of letters.</summary>
    private static readonly SearchValues<char> FormulaStarts = SearchValues.Create("=+-@\t\r\n＝＋－＠");

    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");

    public static void WriteHead(IBufferWriter<byte> to, bool withMark)
    {
        if (withMark)
        {
            to.Write("\ufeff"u8);
        }
        to.Write("seq,time,room,username,message,id,kind,guest,bot,edited_at,deleted\r\n"u8);
    }

    public static void Write(IBufferWriter<byte> to, Message message, string room, TimeZoneInfo zone)
    {
        string[] cells =
        [
            Number(message.Seq), Time(message.CreatedAt, zone), room, message.Author, message.Text, Number(message.Id), message.Kind, Truth(message.IsGuest), Truth(message.IsBot),
            message.TextEditedAt is { } editedAt ? Time(editedAt, zone) : "", Truth(message.DeletedAt is not null),
        ];
        Write(to, cells);
    }

    /// <summary>A row of any list.</summary>
    internal static void Write(IBufferWriter<byte> to, IEnumerable<string> cells)
    {
        var row = new StringBuilder().AppendJoin(',', cells.Select(Cell)).Append("\r\n");
        // In one piece: the builder's own pieces may end in the middle of a character.
        Encoding.UTF8.GetBytes(row.ToString(), to);
    }

    /// <summary>One cell: never a formula, quoted where it must be.</summary>
    internal static string Cell(string text)
    {
        // An apostrophe says "this is text" to a spreadsheet.
        var safe = text.AsSpan().TrimStart(' ') is [var first, ..] && FormulaStarts.Contains(first) ? "'" + text : text;
        return safe.AsSpan().ContainsAny(Quoted) ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset at, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(at, zone).ToString("yyyy-MM-ddTHH:mm:ss.fffzzz", CultureInfo.InvariantCulture);

    private static string Truth(bool value) => value ? "true" : "false";
}
