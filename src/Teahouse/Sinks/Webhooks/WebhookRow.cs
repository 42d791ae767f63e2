namespace Teahouse.Sinks.Webhooks;

/// <summary>A webhook's registration: where messages of which rooms are sent, and how that goes. Its secret is not part of it.</summary>
public sealed record WebhookRow
{
    public required long Id { get; init; }
    public required string Url { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Until when the secret before the present one is good too; null when there is none.</summary>
    public DateTimeOffset? PreviousUntil { get; init; }

    /// <summary>Failed tries in a row.</summary>
    public long Failures { get; init; }

    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>Why nothing is sent any more: a word of <see cref="WebhookEnd"/>; null while it is.</summary>
    public string? Ended { get; init; }

    /// <summary><c>running</c>, <c>failing</c>, or why nothing is sent any more.</summary>
    public string State => Ended ?? (FailingSince is null ? "running" : "failing");
}

/// <summary>Why nothing is sent to a webhook any more, until its owner lets it go on.</summary>
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
/// <param name="Failures">Failed tries in a row.</param>
/// <param name="Ended">Why nothing is to be sent; null when it is.</param>
internal sealed record WebhookAddressee(long Id, Uri Url, IReadOnlyList<string> Secrets, Caller Owner, long Failures, string? Ended);
