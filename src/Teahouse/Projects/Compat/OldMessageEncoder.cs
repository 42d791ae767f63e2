using System.Globalization;
using System.Text.Json.Serialization;
using Teahouse.Messages;
using Teahouse.Web;

namespace Teahouse.Projects.Compat;

/// <summary>A message as older pages know it.</summary>
public sealed record OldMessage
{
    [JsonPropertyName("id")]
    public required long Id { get; init; }

    [JsonPropertyName("content")]
    public required string Content { get; init; }

    /// <summary>The author's username.</summary>
    [JsonPropertyName("sender")]
    public required string Sender { get; init; }

    /// <summary>ISO 8601 with the offset of the server's zone.</summary>
    [JsonPropertyName("created_at")]
    public required string CreatedAt { get; init; }

    /// <summary>The other side has read it.</summary>
    [JsonPropertyName("is_read")]
    public required bool IsRead { get; init; }
}

/// <summary>Says messages in the five fields of system A. Thread-safe.</summary>
public sealed class OldMessageEncoder(Settings settings)
{
    public OldMessage Encode(Message message, bool isRead) => new()
    {
        Id = message.Id,
        Content = message.Text,
        Sender = message.Author,
        CreatedAt = TimeZoneInfo.ConvertTime(message.CreatedAt, settings.TimeZone).ToString("yyyy-MM-ddTHH:mm:ss.ffffffzzz", CultureInfo.InvariantCulture),
        IsRead = isRead,
    };
}

/// <summary>What older pages send.</summary>
/// <param name="Content">What is said.</param>
/// <param name="Nonce">Your own id for it, 1 to 64 characters: sent again with the same one it is stored once. <c>Idempotency-Key</c> does the same.</param>
public sealed record OldMessageRequest(string? Content, string? Nonce);
