using System.Text.Encodings.Web;
using System.Text.Json;

namespace Teahouse.Realtime;

/// <summary>The frames of <c>teahouse.v1</c> that are about the connection and who is on it, not about messages.</summary>
internal static class ControlFrames
{
    // Frames are never put into HTML, so letters of all scripts may stay as they are.
    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The same signs as <see cref="Options"/> writes.</summary>
    public static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Pong() => Write("pong", static _ => { });

    /// <param name="retryMs">After how many milliseconds the client should come back.</param>
    public static byte[] Drain(int retryMs) => Write("drain", json => json.WriteNumber("retry_ms"u8, retryMs));

    public static byte[] Heartbeat(IEnumerable<Subscription> subscriptions) => Write("heartbeat", json =>
    {
        json.WriteStartObject("rooms"u8);
        foreach (var subscription in subscriptions)
        {
            if (subscription is { IsLive: true, Label: { } label })
            {
                json.WriteNumber(label, Math.Max(subscription.Feed.HeadRev, subscription.LastRev));
            }
        }
        json.WriteEndObject();
    });

    public static byte[] Presence(string room, string user, bool online, int membersOnline) => Write("presence", json =>
    {
        json.WriteString("room"u8, room);
        json.WriteString("user"u8, user);
        json.WriteBoolean("online"u8, online);
        json.WriteNumber("members_online"u8, membersOnline);
    });

    /// <summary>Many came or went at once: only how many there are now.</summary>
    public static byte[] PresenceCount(string room, int membersOnline) => Write("presence", json =>
    {
        json.WriteString("room"u8, room);
        json.WriteNumber("members_online"u8, membersOnline);
    });

    /// <summary>One JSON object with its <c>type</c> first.</summary>
    public static byte[] Write(string type, Action<Utf8JsonWriter> fields)
    {
        using var scratch = JsonScratch.Take();
        var json = scratch.Json;
        json.WriteStartObject();
        json.WriteString("type"u8, type);
        fields(json);
        json.WriteEndObject();
        json.Flush();
        return scratch.Written.ToArray();
    }
}
