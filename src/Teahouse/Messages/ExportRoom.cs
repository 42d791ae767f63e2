using System.Buffers;
using System.Text.Json;
using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>How an export is written.</summary>
public enum ExportFormat
{
    Csv,

    /// <summary>A JSON object a line.</summary>
    Jsonl,
}

/// <summary>Writes a room's whole history, oldest first, with as little memory for a million messages as for ten. Thread-safe.</summary>
public sealed class ExportRoom(Db db, MessageQueries queries, MessageEncoder encoder, Settings settings)
{
    private const int PageSize = 200;
    private const int PieceBytes = 32 * 1024;

    /// <summary>The format of that name; null when there is none.</summary>
    public static ExportFormat? ParseFormat(string? text) => text switch
    {
        "csv" => ExportFormat.Csv,
        "jsonl" => ExportFormat.Jsonl,
        _ => null,
    };

    /// <summary>Writes what was said up to now, waiting for a slow reader. Returns false when the room was deleted meanwhile, so that a part of it is missing.</summary>
    /// <param name="pass">The room.</param>
    /// <param name="format">How.</param>
    /// <param name="withMark">Begin a CSV with the UTF-8 mark.</param>
    /// <param name="to">Where; left open.</param>
    /// <param name="ct">Stops it between two pieces.</param>
    /// <param name="progress">Told how many messages of how many are written.</param>
    public async Task<bool> ExecuteAsync(RoomPass pass, ExportFormat format, bool withMark, Stream to, CancellationToken ct, Action<long, long>? progress = null)
    {
        var piece = new ArrayBufferWriter<byte>(PieceBytes);
        if (format == ExportFormat.Csv)
        {
            CsvRows.WriteHead(piece, withMark);
        }
        var head = pass.Room is { } room ? await db.ReadAsync(session => queries.FindHeadAsync(session, room.Id), ct) : null;
        var last = head?.LastSeq ?? 0;
        progress?.Invoke(0, last);
        for (long after = 0; after < last;)
        {
            // Not null: there is a head. No read stays open while a slow client takes what was read.
            var page = await db.ReadAsync(session => queries.ListAfterAsync(session, pass.Room!.Id, after, (int)Math.Min(PageSize, last - after)), ct);
            if (page.Count == 0)
            {
                return false;
            }
            foreach (var message in page)
            {
                Write(piece, message, pass.Name, format);
                if (piece.WrittenCount >= PieceBytes)
                {
                    await to.WriteAsync(piece.WrittenMemory, ct);
                    piece.ResetWrittenCount();
                }
            }
            after = page[^1].Seq;
            progress?.Invoke(after, last);
        }
        await to.WriteAsync(piece.WrittenMemory, ct);
        return true;
    }

    private void Write(ArrayBufferWriter<byte> to, Message message, string room, ExportFormat format)
    {
        if (format == ExportFormat.Csv)
        {
            CsvRows.Write(to, message, room, settings.TimeZone);
            return;
        }
        using (var json = new Utf8JsonWriter(to, ControlFrames.Options))
        {
            encoder.Write(json, message, room);
        }
        to.Write("\n"u8);
    }
}
