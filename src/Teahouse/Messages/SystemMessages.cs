using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Localization;
using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>Writes what happened to a room into its history. The text is in the server's language, for clients that only show text; the event beside it lets a page
/// say it in its reader's. Thread-safe.</summary>
public sealed class SystemMessages(RoomLog log, IStringLocalizer<SystemText> texts, Settings settings, TimeProvider time, MessagePublisher? publisher = null)
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
            publisher?.Enqueue(room.FeedTopic, frame);
            if (what.NewMemberId is { } userId)
            {
                publisher?.Enqueue(Topic.User(userId), frame);
            }
        });
    }

    /// <summary>How the author of messages is called whose account is gone with its name; in the server's language.</summary>
    internal string NameOfNobody => InServersLanguage(() => texts["nobody"].Value);

    /// <summary>The same event with nobody's name in the place of an account's.</summary>
    internal Message Rename(Message message, string username)
    {
        if (message.Event is null || JsonNode.Parse(message.Event) is not JsonObject what)
        {
            return message;
        }
        var nobody = NameOfNobody;
        foreach (var field in (string[])["actor", "user"])
        {
            if (Field(what, field) == username)
            {
                what[field] = nobody;
            }
        }
        var type = Field(what, "type");
        return message with
        {
            Event = what.ToJsonString(ControlFrames.Json),
            Text = InServersLanguage(() => texts[type, Field(what, "actor"), Field(what, "user"), Field(what, "value")].Value),
        };
    }

    private static string Field(JsonObject what, string name) => what[name]?.GetValueKind() == JsonValueKind.String ? what[name]?.GetValue<string>() ?? "" : "";

    /// <summary>The event's text in the server's language.</summary>
    private string Describe(Caller actor, RoomEvent what) => InServersLanguage(() => texts[what.Type, actor.Username, what.User ?? "", what.Value ?? ""].Value);

    private string InServersLanguage(Func<string> say)
    {
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(settings.Language);
            return say();
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
