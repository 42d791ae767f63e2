using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Localization;
using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>Writes what happened to a room into its history. The text is in the server's language, for clients that only show text; the event beside it lets a page
/// say it in its reader's. Thread-safe.</summary>
public sealed class SystemMessages(RoomLog log, MessagePublisher publisher, IStringLocalizer<SystemText> texts, Settings settings, TimeProvider time)
{
    /// <summary>The <see cref="AnnounceRoomEvent"/> of this program.</summary>
    public async Task AnnounceAsync(DbSession session, Room room, Caller actor, RoomEvent what)
    {
        var draft = new Message
        {
            Id = 0,
            RoomId = room.Id,
            Seq = 0,
            Rev = 0,
            Kind = Message.SystemKind,
            AuthorName = Caller.System.Username,
            IsGuest = false,
            Text = Describe(actor, what),
            Event = Encode(actor, what),
            CreatedAt = time.GetUtcNow(),
        };
        await log.AppendAsync(session, room, draft, authorKey: null, seenBy: actor.UserId);
        var frame = V1Frames.Room(room, archived: what.Type == RoomEventTypes.Archived || (room.IsArchived && what.Type != RoomEventTypes.Unarchived));
        session.AfterCommit(() =>
        {
            publisher.Enqueue(room.FeedTopic, frame);
            if (what.NewMemberId is { } userId)
            {
                publisher.Enqueue(Topic.User(userId), frame);
            }
        });
    }

    /// <summary>The event's text in the server's language.</summary>
    private string Describe(Caller actor, RoomEvent what)
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(settings.Language);
            return texts[what.Type, actor.Username, what.User ?? "", what.Value ?? ""];
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    private static string Encode(Caller actor, RoomEvent what)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(128);
        using var json = new Utf8JsonWriter(buffer, ControlFrames.Options);
        json.WriteStartObject();
        json.WriteString("type"u8, what.Type);
        json.WriteString("actor"u8, actor.Username);
        if (what.User is not null)
        {
            json.WriteString("user"u8, what.User);
        }
        if (what.Value is not null)
        {
            json.WriteString("value"u8, what.Value);
        }
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}

/// <summary>Marks the resources with the texts of room events; {0} who did it, {1} whom it happened to, {2} the new value.</summary>
public sealed class SystemText;
