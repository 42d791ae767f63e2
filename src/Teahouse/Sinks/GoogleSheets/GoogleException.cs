namespace Teahouse.Sinks.GoogleSheets;

/// <summary>A call to Google that did not succeed.</summary>
/// <param name="reason">Why, for a person.</param>
/// <param name="isLasting">It will not help to try again: something must be changed.</param>
/// <param name="inner">What it was; null when Google said so itself.</param>
internal sealed class GoogleException(SinkReason reason, bool isLasting, Exception? inner = null) : Exception(reason.ToString(), inner)
{
    public SinkReason Reason => reason;

    public bool IsLasting => isLasting;

    /// <summary>The HTTP status; null when there was none.</summary>
    public int? Status { get; init; }

    /// <summary>When Google wants to be asked again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public SinkResult ToResult() => isLasting ? SinkResult.Pause(reason) : SinkResult.Wait(reason, RetryAfter);

    /// <summary>What Google answered, in its own words.</summary>
    public const string GoogleCode = "google";

    /// <summary>When an answer says to ask again; null when it does not.</summary>
    public static TimeSpan? ReadRetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when response.Headers.Date is { } now && date > now => date - now,
        _ => null,
    };

    public static GoogleException Network(Exception inner) => new(new SinkReason("network", inner.Message), isLasting: false, inner);

    public static GoogleException TimedOut() => new(new SinkReason("timed_out"), isLasting: false);
}
