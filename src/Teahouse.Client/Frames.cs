using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Teahouse.Client;

/// <summary>A frame of the server. What this client does not know stays of this type and is passed over.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type", IgnoreUnrecognizedTypeDiscriminators = true)]
[JsonDerivedType(typeof(HelloFrame), "hello")]
[JsonDerivedType(typeof(SubscribedFrame), "subscribed")]
[JsonDerivedType(typeof(MessageFrame), "message")]
[JsonDerivedType(typeof(AckFrame), "ack")]
[JsonDerivedType(typeof(ReadFrame), "read")]
[JsonDerivedType(typeof(TypingFrame), "typing")]
[JsonDerivedType(typeof(PresenceFrame), "presence")]
[JsonDerivedType(typeof(RoomFrame), "room")]
[JsonDerivedType(typeof(HeartbeatFrame), "heartbeat")]
[JsonDerivedType(typeof(DrainFrame), "drain")]
[JsonDerivedType(typeof(PongFrame), "pong")]
[JsonDerivedType(typeof(ErrorFrame), "error")]
internal record ServerFrame;

internal sealed record HelloFrame(string? User, string Epoch, double HeartbeatS, Limits? Limits) : ServerFrame;

internal sealed record Limits(int FrameBytes);

internal sealed record SubscribedFrame(string Room, long Rev, string Epoch, long LastSeq, long LastReadSeq, int MembersOnline, string[]? Online, MessageFrame[]? Messages, bool Reset) : ServerFrame;

internal sealed record MessageFrame(string? Room, long Id, long Seq, long Rev, string User, string? DisplayName, bool Guest, bool Bot, string Message, DateTimeOffset Timestamp,
    DateTimeOffset? EditedAt, bool Deleted, string? Nonce, SystemEvent? Event) : ServerFrame
{
    public ChatMessage ToMessage() => new()
    {
        Id = Id,
        Seq = Seq,
        Rev = Rev,
        User = User,
        DisplayName = DisplayName,
        IsGuest = Guest,
        IsBot = Bot,
        Text = Message,
        CreatedAt = Timestamp,
        EditedAt = EditedAt,
        IsDeleted = Deleted,
        Nonce = Nonce,
        Event = Event,
    };
}

internal sealed record AckFrame(string? Nonce, long Id, long Seq, long Rev) : ServerFrame;

internal sealed record ReadFrame(string Room, string User, long Seq) : ServerFrame;

internal sealed record TypingFrame(string Room, string User) : ServerFrame;

internal sealed record PresenceFrame(string Room, string? User, bool Online, int MembersOnline) : ServerFrame;

internal sealed record RoomFrame(string Room, string? Title, string? Topic, string? Access, bool Archived) : ServerFrame;

internal sealed record HeartbeatFrame(Dictionary<string, long>? Rooms) : ServerFrame;

internal sealed record DrainFrame(int RetryMs) : ServerFrame;

internal sealed record PongFrame : ServerFrame;

internal sealed record ErrorFrame(string Code, string? Message, string? Room, string? Nonce, int? RetryMs) : ServerFrame
{
    /// <summary>The refusal passes by waiting.</summary>
    public bool IsPassing => Code is ErrorCodes.RateLimited or ErrorCodes.Busy;

    public TimeSpan RetryIn => Backoff.Spread(TimeSpan.FromMilliseconds(RetryMs ?? 1000), Random.Shared.NextDouble());
}

/// <summary>A frame of this client.</summary>
internal sealed record ClientFrame(string Type)
{
    public string? Room { get; init; }
    public long? After { get; init; }
    public string? Epoch { get; init; }
    public string? Message { get; init; }
    public string? Nonce { get; init; }
    public long? Seq { get; init; }

    public static readonly ClientFrame Ping = new("ping");

    public static ClientFrame Subscribe(string room, long? after, string? epoch) =>
        new("subscribe") { Room = room, After = after, Epoch = after is null ? null : epoch };

    public static ClientFrame Unsubscribe(string room) => new("unsubscribe") { Room = room };

    public static ClientFrame Send(string room, string message, string nonce) => new("send") { Room = room, Message = message, Nonce = nonce };

    public static ClientFrame Read(string room, long seq) => new("read") { Room = room, Seq = seq };

    public static ClientFrame Typing(string room) => new("typing") { Room = room };

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, FrameJson.Wire.ClientFrame);
}

[JsonSerializable(typeof(ServerFrame))]
[JsonSerializable(typeof(ClientFrame))]
internal sealed partial class FrameJson : JsonSerializerContext
{
    public static readonly FrameJson Wire = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        AllowOutOfOrderMetadataProperties = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // Frames are never put into HTML; letters of all scripts stay short.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <exception cref="JsonException">Not a frame.</exception>
    public static ServerFrame Decode(ReadOnlySpan<byte> text) =>
        JsonSerializer.Deserialize(text, Wire.ServerFrame) ?? throw new JsonException("A frame is an object.");
}
