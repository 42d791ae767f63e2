using System.Globalization;
using System.Text.Json;
using Teahouse.Realtime;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>Writes messages as JSON: the object of SPEC 4.1, and with the fields that <c>teahouse.v1</c> and the API add. Thread-safe.</summary>
public sealed class MessageEncoder(Settings settings)
{
    private const int TimestampLength = 32;

    /// <summary>Of a timestamp, what the time of the old systems has too.</summary>
    private const int TimeLength = 19;

    /// <summary>Microseconds, with their point.</summary>
    private const int FractionLength = 7;

    // Checked and escaped once.
    private static readonly JsonEncodedText Type = JsonEncodedText.Encode("type");
    private static readonly JsonEncodedText MessageType = JsonEncodedText.Encode("message");
    private static readonly JsonEncodedText Text = JsonEncodedText.Encode("message");
    private static readonly JsonEncodedText User = JsonEncodedText.Encode("user");
    private static readonly JsonEncodedText Username = JsonEncodedText.Encode("username");
    private static readonly JsonEncodedText Time = JsonEncodedText.Encode("time");
    private static readonly JsonEncodedText TimestampName = JsonEncodedText.Encode("timestamp");
    private static readonly JsonEncodedText RoomName = JsonEncodedText.Encode("room");
    private static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");
    private static readonly JsonEncodedText Seq = JsonEncodedText.Encode("seq");
    private static readonly JsonEncodedText Nonce = JsonEncodedText.Encode("nonce");
    private static readonly JsonEncodedText Rev = JsonEncodedText.Encode("rev");
    private static readonly JsonEncodedText Kind = JsonEncodedText.Encode("kind");
    private static readonly JsonEncodedText Guest = JsonEncodedText.Encode("guest");

    // Most messages are of the same second as the one before. Replaced as a whole.
    private Second? _second;

    /// <summary>The event of a message for everybody in its room, encoded once. A plain client knows no changes, and would show a message more: it gets an edited one only when it lacks it.</summary>
    /// <param name="message">As it is now.</param>
    /// <param name="room">Its name.</param>
    /// <param name="plainAfter">The revision up to which its readers have been given everything; null where each has been given the message before it was changed.</param>
    internal EncodedEvent Encode(Message message, string room, long? plainAfter = null)
    {
        using var scratch = JsonScratch.Take();
        var json = scratch.Json;
        json.WriteStartObject();
        json.WriteString(Type, MessageType);
        json.Flush();
        // Behind the comma.
        var from = scratch.Length + 1;
        WritePlainFields(json, message, room);
        json.Flush();
        var to = scratch.Length;
        WriteAddedFields(json, message);
        json.WriteEndObject();
        json.Flush();
        var v1 = WireFrame.Encode(WireFrame.Text, scratch.Written);
        if (message.DeletedAt is not null || message.EditedAt is not null)
        {
            var plain = message.DeletedAt is null && message.FirstRev > plainAfter ? WireFrame.EncodeObject(scratch.Written[from..to]) : default;
            return new EncodedEvent(message.Rev, plain, v1) { Forgets = message.FormerRev ?? message.Rev - 1 };
        }
        // What both have is written once.
        return new EncodedEvent(message.Rev, WireFrame.EncodeObject(scratch.Written[from..to]), v1);
    }

    /// <summary>The frame of a message for a plain client, changed or not.</summary>
    internal byte[] EncodePlain(Message message, string room)
    {
        using var scratch = JsonScratch.Take();
        scratch.Json.WriteStartObject();
        WritePlainFields(scratch.Json, message, room);
        scratch.Json.WriteEndObject();
        scratch.Json.Flush();
        return WireFrame.Encode(WireFrame.Text, scratch.Written);
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
        Span<byte> at = stackalloc byte[TimestampLength];
        WriteTimestamp(message.CreatedAt, at);
        Span<byte> time = stackalloc byte[TimeLength];
        at[..TimeLength].CopyTo(time);
        time[TimeLength - "HH:mm:ss".Length - 1] = (byte)' ';
        json.WriteString(Text, message.Text);
        json.WriteString(User, message.Author);
        json.WriteString(Username, message.Author);
        json.WriteString(Time, time);
        json.WriteString(TimestampName, at);
        json.WriteString(RoomName, room);
        json.WriteNumber(Id, message.Id);
        json.WriteNumber(Seq, message.Seq);
        if (message.Nonce is not null)
        {
            json.WriteString(Nonce, message.Nonce);
        }
    }

    private void WriteAddedFields(Utf8JsonWriter json, Message message)
    {
        json.WriteNumber(Rev, message.Rev);
        json.WriteString(Kind, message.Kind);
        json.WriteBoolean(Guest, message.IsGuest);
        if (message.GuestTag is { } guest)
        {
            json.WriteString("guest_id"u8, guest);
        }
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
            Span<byte> at = stackalloc byte[TimestampLength];
            WriteTimestamp(editedAt, at);
            json.WriteString("edited_at"u8, at);
        }
        if (message.DeletedAt is not null)
        {
            json.WriteBoolean("deleted"u8, true);
        }
    }

    /// <summary>Writes a time in the site's zone, such as <c>2026-11-21T18:15:30.123456+08:00</c>.</summary>
    private void WriteTimestamp(DateTimeOffset time, Span<byte> into)
    {
        var unix = time.ToUnixTimeSeconds();
        if (_second is not { } second || second.Unix != unix)
        {
            _second = second = Second.Format(unix, settings.TimeZone);
        }
        second.Text.CopyTo(into);
        var microseconds = (uint)(time.UtcTicks % TimeSpan.TicksPerSecond / TimeSpan.TicksPerMicrosecond);
        for (var place = TimeLength + FractionLength - 1; place > TimeLength; place--, microseconds /= 10)
        {
            into[place] = (byte)('0' + (microseconds % 10));
        }
    }

    /// <summary>A second as text, with microseconds of nought: looking it up in the zone and formatting it cost more than all else of a message's time.</summary>
    private sealed record Second(long Unix, byte[] Text)
    {
        public static Second Format(long unix, TimeZoneInfo zone)
        {
            var text = new byte[TimestampLength];
            TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeSeconds(unix), zone).TryFormat(text, out _, "yyyy-MM-ddTHH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture);
            return new Second(unix, text);
        }
    }
}
