using System.Buffers;
using System.Text.Json;
using Teahouse.Realtime;

namespace Teahouse.Messages;

/// <summary>Error frames of both protocols.</summary>
internal static class ErrorFrame
{
    public static byte[] Plain(string code, string message, TimeSpan? retryAfter, string? nonce)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using var json = new Utf8JsonWriter(buffer, ControlFrames.Options);
        json.WriteStartObject();
        json.WriteString("error"u8, message);
        json.WriteString("code"u8, code);
        WriteRest(json, retryAfter, null, nonce);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static byte[] V1(string code, string message, TimeSpan? retryAfter, string? room, string? nonce) => ControlFrames.Write("error", json =>
    {
        json.WriteString("code"u8, code);
        json.WriteString("message"u8, message);
        WriteRest(json, retryAfter, room, nonce);
    });

    private static void WriteRest(Utf8JsonWriter json, TimeSpan? retryAfter, string? room, string? nonce)
    {
        if (room is not null)
        {
            json.WriteString("room"u8, room);
        }
        if (nonce is not null)
        {
            json.WriteString("nonce"u8, nonce);
        }
        if (retryAfter is { } wait)
        {
            json.WriteNumber("retry_ms"u8, (long)Math.Ceiling(wait.TotalMilliseconds));
        }
    }
}
