using System.Diagnostics;

namespace Teahouse.Realtime;

/// <summary>When a room's next round may be. A round costs one write for each member however much it brings, so under load rounds stand apart: the longer
/// the last one took, the longer the wait, and only while more is coming in. A quiet room, and a small one, never waits.</summary>
internal sealed class RoundPace
{
    /// <summary>How long after a round the next may begin, in the round's own length.</summary>
    private const int GapFactor = 2;

    private static readonly long MaxGap = Stopwatch.Frequency * 12 / 1000;

    /// <summary>Shorter waits are not worth a timer.</summary>
    private static readonly long MinGap = Stopwatch.Frequency / 1000;

    private long _endedAt;
    private long _gap;
    private long _arrivedAt;
    private long _interval = long.MaxValue / 8;

    /// <summary>Notes that something was appended. Called by whoever appends, one at a time.</summary>
    public void Arrived() => Arrived(Stopwatch.GetTimestamp());

    internal void Arrived(long now)
    {
        // A running mean over about eight arrivals; a pause counts as no more than it is worth waiting.
        var interval = Math.Min(now - Volatile.Read(ref _arrivedAt), MaxGap * 2);
        var mean = Math.Min(Volatile.Read(ref _interval), MaxGap * 2);
        Volatile.Write(ref _interval, mean + ((interval - mean) / 8));
        Volatile.Write(ref _arrivedAt, now);
    }

    /// <summary>The earliest time for the next round, in <see cref="Stopwatch"/> ticks; not after <paramref name="now"/> when it may begin.</summary>
    public long NextAt(long now)
    {
        var until = _endedAt + _gap;
        if (_gap < MinGap || until <= now)
        {
            return now;
        }
        var arrivedAt = Volatile.Read(ref _arrivedAt);
        var interval = Volatile.Read(ref _interval);
        // Senders who wait to hear themselves send nothing more before they do: when the stream has ended, so does the wait.
        var quietAt = arrivedAt + Math.Max(interval * 3, MinGap);
        // And nothing is gained by waiting when nothing more is expected before its end.
        return arrivedAt + interval > until ? now : Math.Min(until, quietAt);
    }

    public void Ended(long beganAt, long endedAt)
    {
        _endedAt = endedAt;
        _gap = Math.Min((endedAt - beganAt) * GapFactor, MaxGap);
    }
}
