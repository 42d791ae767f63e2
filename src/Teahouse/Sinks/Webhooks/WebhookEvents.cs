using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Teahouse.Messages;
using Teahouse.Realtime;
using Teahouse.Storage;

namespace Teahouse.Sinks.Webhooks;

/// <summary>What is sent, whichever try it is.</summary>
/// <param name="Id">By which a receiver knows a repeat.</param>
/// <param name="Body">As it is sent.</param>
/// <param name="Message">What it tells of; null for a test.</param>
/// <param name="Room">Where that was said; empty for a test.</param>
internal sealed record WebhookEvent(string Id, byte[] Body, Message? Message, string Room);

/// <summary>Puts messages into the form of Standard Webhooks: <c>{"type", "timestamp", "data"}</c>. Thread-safe.</summary>
internal sealed class WebhookEvents(MessageEncoder encoder, Db db, TimeProvider clock)
{
    /// <summary>A message. Its id says of which history it is: after a restore the same number may be another message's.</summary>
    public WebhookEvent Of(Message message, string room) => new(
        string.Create(CultureInfo.InvariantCulture, $"msg_{db.Epoch}_{message.Id}"),
        Write("message", message.CreatedAt, json => encoder.Write(json, message, room)),
        message,
        room);

    /// <summary>Something to be recognised as no message.</summary>
    public WebhookEvent Test(long errandId) => new(
        string.Create(CultureInfo.InvariantCulture, $"test_{db.Epoch}_{errandId}"),
        Write("test", clock.GetUtcNow(), static json =>
        {
            json.WriteStartObject();
            json.WriteEndObject();
        }),
        Message: null,
        Room: "");

    private static byte[] Write(string type, DateTimeOffset at, Action<Utf8JsonWriter> writeData)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, ControlFrames.Options))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, type);
            json.WriteString("timestamp"u8, at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            json.WritePropertyName("data"u8);
            writeData(json);
            json.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }
}
