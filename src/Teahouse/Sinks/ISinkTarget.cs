using Teahouse.Storage;

namespace Teahouse.Sinks;

/// <summary>Delivers the messages of all sinks of one kind: knows the format and the other side. When to try again, how far a sink has come and who serves it is the runner's
/// (<see cref="SinkRunner"/>). Thread-safe; one sink has one turn at a time, but after a lease was lost another process may deliver the same messages.</summary>
public interface ISinkTarget
{
    string Kind { get; }

    /// <summary>Messages of one turn.</summary>
    int MaxBatch { get; }

    /// <summary>How long messages are gathered when there are fewer than that.</summary>
    TimeSpan Gather { get; }

    /// <summary>Whose messages the sink wants now.</summary>
    ValueTask<SinkScope> FindScopeAsync(SinkRow sink, CancellationToken ct);

    /// <summary>Delivers some or all of the turn's messages, in order. What it throws is a failure to be tried again.</summary>
    Task<SinkResult> DeliverAsync(SinkTurn turn, CancellationToken ct);

    /// <summary>How long to wait after this many failures in a row; null for the usual time.</summary>
    TimeSpan? BackoffOf(int attempts) => null;
}

/// <summary>What a target gets to deliver.</summary>
/// <param name="Sink">The sink as it is now.</param>
/// <param name="Messages">Behind its cursor, oldest first; none when only its <see cref="SinkResult.DueAt"/> has come.</param>
/// <param name="Through">How far the log was read: between the last message and this id stands nothing that the sink wants.</param>
/// <param name="IsEnd">Nothing more was said yet.</param>
/// <param name="SaveProgressAsync">Keeps what the target must know if it is never heard of again. Throws <see cref="LeaseLostException"/> when the sink is another's by now:
/// then nothing more may be sent.</param>
public sealed record SinkTurn(SinkRow Sink, IReadOnlyList<SinkMessage> Messages, long Through, bool IsEnd, Func<string, Task> SaveProgressAsync);

/// <summary>What became of a turn. Made by the methods.</summary>
public sealed record SinkResult
{
    private SinkResult(SinkOutcome outcome, long upTo, int count) => (Outcome, UpTo, Count) = (outcome, upTo, count);

    public SinkOutcome Outcome { get; }

    /// <summary>Everything up to this id is delivered; less than the cursor for no change.</summary>
    public long UpTo { get; }

    /// <summary>How many messages were delivered.</summary>
    public int Count { get; }

    /// <summary>Why it did not go on.</summary>
    public SinkReason? Reason { get; private init; }

    /// <summary>When to try again, if the other side said so: not sooner than without that, and in an hour at the latest.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>The target wants a turn then, though nothing new may have been said.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>What the target remembers; null leaves it as it is.</summary>
    public string? Progress { get; init; }

    /// <summary>What a pause has to tell, written with it: whoever hears of it can resume the sink.</summary>
    public Func<DbSession, Task>? WithPause { get; init; }

    public static SinkResult Delivered(long upTo, int count) => new(SinkOutcome.Delivered, upTo, count);

    /// <summary>To be tried again by itself.</summary>
    public static SinkResult Wait(SinkReason reason, TimeSpan? retryAfter = null, long upTo = 0, int count = 0) => new(SinkOutcome.Wait, upTo, count) { Reason = reason, RetryAfter = retryAfter };

    /// <summary>Until a person resumes it.</summary>
    public static SinkResult Pause(SinkReason reason, long upTo = 0, int count = 0) => new(SinkOutcome.Pause, upTo, count) { Reason = reason };

    /// <summary>Its work is done for good: the sink is removed.</summary>
    public static SinkResult Finished(long upTo, int count) => new(SinkOutcome.Finished, upTo, count);
}

/// <summary>How a turn ended.</summary>
public enum SinkOutcome
{
    Delivered,
    Wait,
    Pause,
    Finished,
}

/// <summary>The sink is served by another process, was moved or is gone.</summary>
public sealed class LeaseLostException : Exception;
