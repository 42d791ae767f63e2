using System.Buffers;
using System.Text.Json;
using Teahouse.Accounts;
using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary><c>/api/v1/rooms/{room}/messages</c>.</summary>
internal static class MessagesApi
{
    private const int DefaultLimit = 50;

    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/api/v1/rooms/{room}/messages", ListAsync).RequireCors(WebFeature.OtherOrigins);
    }

    /// <summary>A page of a room's history: the latest, those before or after a number, or what changed since a revision.</summary>
    private static async Task<IResult> ListAsync(HttpContext context, string room, long? before, long? after, long? since_rev, int? limit,
        RoomAccess access, ReadHistory history, MessageEncoder encoder, Db db, CancellationToken ct)
    {
        if (limit is < 1 or > ReadHistory.MaxLimit || (before is not null ? 1 : 0) + (after is not null ? 1 : 0) + (since_rev is not null ? 1 : 0) > 1)
        {
            throw new RefusedException(Refusal.BadFrame);
        }
        var pass = await access.FindAsync(context.GetCaller(), room, ct);
        var page = await history.ExecuteAsync(pass, new HistoryQuery(before, after, since_rev, limit ?? DefaultLimit), ct);
        return TypedResults.Bytes(Encode(page, pass.Name, db.Epoch, encoder), "application/json; charset=utf-8");
    }

    private static byte[] Encode(HistoryPage page, string room, string epoch, MessageEncoder encoder)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var json = new Utf8JsonWriter(buffer, ControlFrames.Options);
        json.WriteStartObject();
        json.WriteStartArray("messages"u8);
        foreach (var message in page.Messages)
        {
            encoder.Write(json, message, room);
        }
        json.WriteEndArray();
        json.WriteBoolean("has_more"u8, page.HasMore);
        json.WriteNumber("rev"u8, page.Rev);
        json.WriteString("epoch"u8, epoch);
        if (page.OtherReadSeq is { } seq)
        {
            json.WriteNumber("other_read_seq"u8, seq);
        }
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
