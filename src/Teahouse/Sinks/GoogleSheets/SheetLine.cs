using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Teahouse.Sinks.GoogleSheets;

/// <summary>A message as a row of a sheet: time, room, username, message, id. Everything but the id is text.</summary>
internal sealed record SheetLine(long? Id, IReadOnlyList<string> Cells)
{
    /// <summary>What a cell of Google's holds at most.</summary>
    public const int MaxCell = 50_000;

    /// <summary>Of an id in what Google is sent, and of the signs between cells.</summary>
    private const int Overhead = 40;

    public const string FirstColumn = "A";
    public const string IdColumn = "E";
    public const int Columns = 5;

    /// <summary>A row without anything.</summary>
    public static readonly SheetLine Empty = new(null, ["", "", "", ""]);

    /// <summary>About how much of a request it takes.</summary>
    public int Bytes => Overhead + Cells.Sum(cell => Encoding.UTF8.GetByteCount(cell));

    /// <summary>The row of a message that is no longer there: only its number.</summary>
    public static SheetLine Gone(long id) => new(id, ["", "", "", ""]);

    public static SheetLine Of(SinkMessage each, TimeZoneInfo zone) => new(each.Message.Id,
    [
        TimeZoneInfo.ConvertTime(each.Message.CreatedAt, zone).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        each.Room,
        each.Message.Author,
        Cut(each.Message.Text),
    ]);

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        foreach (var cell in Cells)
        {
            json.WriteStringValue(cell);
        }
        if (Id is { } id)
        {
            json.WriteNumberValue(id);
        }
        else
        {
            json.WriteStringValue("");
        }
        json.WriteEndArray();
    }

    /// <summary>A longer text, which only a site without <c>LIMIT_MESSAGE_CHARS</c> has, is cut, and says so by its last sign: Google would refuse the whole call.</summary>
    internal static string Cut(string text) =>
        text.Length <= MaxCell ? text : string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[MaxCell - 2]) ? MaxCell - 2 : MaxCell - 1), "…");
}
