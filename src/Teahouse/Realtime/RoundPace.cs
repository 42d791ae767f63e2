using System.Diagnostics;

namespace Teahouse.Realtime;

/// <summary>When a room's next round may be. A round costs one write for each member however much it brings, so under load rounds stand apart: the longer
/// the last one took, the longer the wait, and only while more is coming in. A quiet room, and a small one, never waits.</summary>
internal sealed class RoundPace
{
    /// <summary>How long after a round the next may begin, in the round's own length.</summary>
    private const int GapFactor = 9;

    /// <summary>One wait in so many goes on to its end, or nobody would learn of what comes after the pause that ends the others.</summary>
    private const int LookEvery = 32;

    /// <summary>The longest wait after a round that took long itself.</summary>
    private static readonly long MaxGap = Stopwatch.Frequency * 16 / 1000;

    /// <summary>From one round's beginning to the next's, after a shorter one: where several nodes have a part of a large room each, they would write more often than one that has them all.</summary>
    private static readonly long MaxPeriod = Stopwatch.Frequency * 27 / 1000;

    /// <summary>After a shorter round nobody waits: the room is small.</summary>
    private static readonly long MinRound = Stopwatch.Frequency / 2000;

    /// <summary>A shorter pause says nothing about the senders.</summary>
    private static readonly long MinPause = Stopwatch.Frequency / 1000;

    private long _endedAt;
    private long _gap;
    private long _arrivedAt;
    private long _interval = long.MaxValue / 8;

    // The longest pause between two arrivals since the last round, and what it was of late.
    private long _pause;
    private long _usualPause;
    private int _rounds;

    /// <summary>Notes that something was appended. Called by whoever appends, one at a time.</summary>
    public void Arrived() => Arrived(Stopwatch.GetTimestamp());

    internal void Arrived(long now)
    {
        // A running mean over about eight arrivals; a pause counts as no more than it is worth waiting.
        var before = Volatile.Read(ref _arrivedAt);
        var interval = Math.Min(now - before, MaxGap * 2);
        var mean = Math.Min(Volatile.Read(ref _interval), MaxGap * 2);
        Volatile.Write(ref _interval, mean + ((interval - mean) / 8));
        Volatile.Write(ref _arrivedAt, now);
        // During a round nobody is read, so what comes then, and first after it, says nothing about the senders.
        if (before > Volatile.Read(ref _endedAt) && interval > Volatile.Read(ref _pause))
        {
            Volatile.Write(ref _pause, interval);
        }
    }

    /// <summary>The earliest time for the next round, in <see cref="Stopwatch"/> ticks; not after <paramref name="now"/> when it may begin.</summary>
    public long NextAt(long now)
    {
        var until = Volatile.Read(ref _endedAt) + _gap;
        if (until <= now)
        {
            return now;
        }
        var arrivedAt = Volatile.Read(ref _arrivedAt);
        var interval = Volatile.Read(ref _interval);
        // Senders who wait to hear themselves send nothing more before they do: when there is a pause that was not there before, the wait ends.
        var quietAt = arrivedAt + Math.Max(_usualPause * 2, MinPause);
        // And nothing is gained by waiting when nothing more is expected before its end.
        return arrivedAt + interval > until ? now : _rounds % LookEvery == 0 ? until : Math.Min(until, quietAt);
    }

    public void Ended(long beganAt, long endedAt)
    {
        _rounds++;
        Volatile.Write(ref _endedAt, endedAt);
        _usualPause = Math.Max(Interlocked.Exchange(ref _pause, 0), _usualPause * 3 / 4);
        var took = endedAt - beganAt;
        _gap = took < MinRound ? 0 : Math.Min(took * GapFactor, Math.Max(MaxPeriod - took, MaxGap));
    }
}
