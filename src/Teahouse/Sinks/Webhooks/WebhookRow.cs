namespace Teahouse.Sinks.Webhooks;

/// <summary>A webhook's registration: where messages of which rooms are sent, and how that goes. Its secret is not part of it.</summary>
public sealed record WebhookRow
{
    public required long Id { get; init; }
    public required string Url { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Until when the secret before the present one is good too; null when there is none.</summary>
    public DateTimeOffset? PreviousUntil { get; init; }

    /// <summary>Of its sink: see <see cref="SinkRow.State"/>.</summary>
    public string SinkState { get; init; } = SinkRow.Running;

    /// <summary>Of its sink: see <see cref="SinkReason"/>.</summary>
    public string? Reason { get; init; }

    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>When it is tried again; null while it is not waiting.</summary>
    public DateTimeOffset? WaitUntil { get; init; }

    /// <summary><c>running</c>; <c>failing</c>: it is tried again; or why nothing is sent: <c>gone</c>, <c>given_up</c>, <c>paused</c> by an administrator.</summary>
    public string State => SinkState switch
    {
        SinkRow.Running when FailingSince is null => "running",
        SinkRow.Paused => SinkReason.Parse(Reason ?? "").Code is WebhookEnd.Gone or WebhookEnd.GivenUp ? SinkReason.Parse(Reason ?? "").Code : "paused",
        _ => "failing",
    };
}

/// <summary>Why nothing is sent to a webhook any more, until its owner lets it go on: codes of <see cref="SinkReason"/>.</summary>
internal static class WebhookEnd
{
    /// <summary>The receiver answered 410.</summary>
    public const string Gone = "gone";

    /// <summary>It failed for too long.</summary>
    public const string GivenUp = "given_up";
}

/// <summary>What a delivery needs to know of a webhook.</summary>
/// <param name="Id">Its row.</param>
/// <param name="Url">Where to.</param>
/// <param name="Secrets">What to sign with: the present one, and while they are being exchanged the one before.</param>
/// <param name="Owner">Who may read what is sent, or it is not.</param>
internal sealed record WebhookAddressee(long Id, Uri Url, IReadOnlyList<string> Secrets, Caller Owner);
