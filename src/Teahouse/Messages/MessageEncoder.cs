using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Teahouse.Realtime;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>Writes messages as JSON: the object of SPEC 4.1, and with the fields that <c>teahouse.v1</c> and the API add. Thread-safe.</summary>
public sealed class MessageEncoder(Settings settings)
{
    /// <summary>The event of a message for everybody in its room, encoded once.</summary>
    internal EncodedEvent Encode(Message message, string room)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using var json = new Utf8JsonWriter(buffer, ControlFrames.Options);
        json.WriteStartObject();
        json.WriteString("type"u8, "message"u8);
        json.Flush();
        // Behind the comma.
        var from = buffer.WrittenCount + 1;
        WritePlainFields(json, message, room);
        json.Flush();
        var to = buffer.WrittenCount;
        WriteAddedFields(json, message);
        json.WriteEndObject();
        json.Flush();
        var v1 = WireFrame.Encode(WireFrame.Text, buffer.WrittenSpan);
        if (message.DeletedAt is not null || message.EditedAt is not null)
        {
            // A plain client knows no changes: it would show a message more.
            return new EncodedEvent(message.Rev, default, v1) { Forgets = message.FormerRev ?? message.Rev - 1 };
        }
        // What both have is written once.
        byte[] plain = [(byte)'{', .. buffer.WrittenSpan[from..to], (byte)'}'];
        return new EncodedEvent(message.Rev, WireFrame.Encode(WireFrame.Text, plain), v1);
    }

    /// <summary>One message as the API and <c>subscribed</c> give it.</summary>
    public void Write(Utf8JsonWriter json, Message message, string room)
    {
        json.WriteStartObject();
        WritePlainFields(json, message, room);
        WriteAddedFields(json, message);
        json.WriteEndObject();
    }

    private void WritePlainFields(Utf8JsonWriter json, Message message, string room)
    {
        var local = TimeZoneInfo.ConvertTime(message.CreatedAt, settings.TimeZone);
        json.WriteString("message"u8, message.Text);
        json.WriteString("user"u8, message.Author);
        json.WriteString("username"u8, message.Author);
        json.WriteString("time"u8, local.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
        json.WriteString("timestamp"u8, Timestamp(local));
        json.WriteString("room"u8, room);
        json.WriteNumber("id"u8, message.Id);
        json.WriteNumber("seq"u8, message.Seq);
        if (message.Nonce is not null)
        {
            json.WriteString("nonce"u8, message.Nonce);
        }
    }

    private void WriteAddedFields(Utf8JsonWriter json, Message message)
    {
        json.WriteNumber("rev"u8, message.Rev);
        json.WriteString("kind"u8, message.Kind);
        json.WriteBoolean("guest"u8, message.IsGuest);
        if (message.IsBot)
        {
            json.WriteBoolean("bot"u8, true);
        }
        if (message.DisplayName is { Length: > 0 })
        {
            json.WriteString("display_name"u8, message.DisplayName);
        }
        if (message.AvatarColour is { } colour)
        {
            json.WriteNumber("avatar_colour"u8, colour);
        }
        if (message.Event is not null)
        {
            json.WritePropertyName("event"u8);
            json.WriteRawValue(message.Event, skipInputValidation: true);
        }
        if (message.TextEditedAt is { } editedAt)
        {
            json.WriteString("edited_at"u8, Timestamp(TimeZoneInfo.ConvertTime(editedAt, settings.TimeZone)));
        }
        if (message.DeletedAt is not null)
        {
            json.WriteBoolean("deleted"u8, true);
        }
    }

    private static string Timestamp(DateTimeOffset local) => local.ToString("yyyy-MM-ddTHH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);
}
