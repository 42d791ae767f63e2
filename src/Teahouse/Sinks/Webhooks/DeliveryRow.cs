namespace Teahouse.Sinks.Webhooks;

/// <summary>One try to deliver, as it is kept.</summary>
public sealed record DeliveryRow
{
    public long Id { get; init; }

    /// <summary>A word of <see cref="DeliveryKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The <c>webhook-id</c> it was sent with.</summary>
    public required string EventId { get; init; }

    /// <summary>Null for a test.</summary>
    public long? MessageId { get; init; }

    /// <summary>Where the message was said; empty for a test.</summary>
    public required string Room { get; init; }

    public required long Seq { get; init; }

    /// <summary>1 for the first try.</summary>
    public required long Attempt { get; init; }

    public required DateTimeOffset At { get; init; }
    public required long TookMs { get; init; }

    /// <summary>What the receiver answered; null for nothing.</summary>
    public long? Status { get; init; }

    /// <summary>Why there is no answer: a word of <see cref="DeliveryError"/>; null for none.</summary>
    public string? Error { get; init; }

    /// <summary>The beginning of what it said.</summary>
    public required string Answer { get; init; }

    public bool IsDelivered => Status is >= 200 and < 300;

    internal static DeliveryRow Of(string kind, WebhookEvent what, long attempt, DeliveryTry tried) => new()
    {
        Kind = kind,
        EventId = what.Id,
        MessageId = what.Message?.Id,
        Room = what.Room,
        Seq = what.Message?.Seq ?? 0,
        Attempt = attempt,
        At = tried.At,
        TookMs = (long)tried.Took.TotalMilliseconds,
        Status = tried.Status,
        Error = tried.Error,
        Answer = tried.Answer,
    };
}

/// <summary>Why something was sent.</summary>
internal static class DeliveryKind
{
    /// <summary>In its turn.</summary>
    public const string Message = "message";

    /// <summary>Once more, because somebody asked.</summary>
    public const string Replay = "replay";

    /// <summary>No message: whether the receiver can be reached.</summary>
    public const string Test = "test";
}
