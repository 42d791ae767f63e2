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

    /// <summary>How long before a round what is to be in it goes to the database: about what a commit takes, and the way there and back.</summary>
    private static readonly long StoreTime = Stopwatch.Frequency * 3 / 1000;

    private long _endedAt;
    private long _gap;
    private long _interval = long.MaxValue / 8;
    private int _rounds;

    // All that comes, and what is said here of it.
    private Pauses _arrivals;
    private Pauses _said;

    /// <summary>Notes that something has come which will be in a round: it was appended, or is <see cref="Said()"/>. Two at a time may lose one.</summary>
    public void Arrived() => Arrived(Stopwatch.GetTimestamp());

    /// <summary>Notes that a client of this node has said something, which is yet to be stored: it has arrived with that.</summary>
    public void Said() => Said(Stopwatch.GetTimestamp());

    /// <summary>Notes that something which had arrived was appended: the senders can have heard of nothing that is in no round, so they get their time from now on.</summary>
    public void Appended() => _arrivals.Touch(Stopwatch.GetTimestamp());

    internal void Arrived(long now)
    {
        // A running mean over about eight arrivals; a pause counts as no more than it is worth waiting.
        var interval = Math.Min(now - _arrivals.Last, MaxGap * 2);
        var mean = Math.Min(Volatile.Read(ref _interval), MaxGap * 2);
        Volatile.Write(ref _interval, mean + ((interval - mean) / 8));
        _arrivals.Note(now, Volatile.Read(ref _endedAt));
    }

    internal void Said(long now)
    {
        _said.Note(now, Volatile.Read(ref _endedAt));
        Arrived(now);
    }

    /// <summary>The earliest time for the next round, in <see cref="Stopwatch"/> ticks; not after <paramref name="now"/> when it may begin.</summary>
    public long NextAt(long now)
    {
        var until = Volatile.Read(ref _endedAt) + _gap;
        if (until <= now)
        {
            return now;
        }
        // Senders who wait to hear themselves send nothing more before they do: when there is a pause that was not there before, the wait ends.
        return !IsMoreExpected(until) ? now : _rounds % LookEvery == 0 ? until : Math.Min(until, _arrivals.QuietAt);
    }

    /// <summary>When what clients of this node have said is to be stored, in <see cref="Stopwatch"/> ticks; not after <paramref name="now"/> when at once. Nobody here hears of it before the next
    /// round, so all that comes until shortly before that can be one transaction. That clients of another node go on speaking is no reason to wait: those here may wait to hear themselves.</summary>
    public long StoreAt(long now) => Volatile.Read(ref _endedAt) + _gap - StoreTime is var at && (at <= now || !IsMoreExpected(at)) ? now : Math.Min(at, _said.QuietAt);

    /// <summary>Nothing is gained by waiting when nothing more is expected before the wait's end.</summary>
    private bool IsMoreExpected(long until) => _arrivals.Last + Volatile.Read(ref _interval) <= until;

    /// <summary>The room's rounds cost so much that they stand apart when there is more to say.</summary>
    public bool IsApart => _gap > 0;

    public void Ended(long beganAt, long endedAt)
    {
        _rounds++;
        Volatile.Write(ref _endedAt, endedAt);
        _arrivals.Turn();
        _said.Turn();
        var took = endedAt - beganAt;
        _gap = took < MinRound ? 0 : Math.Min(took * GapFactor, Math.Max(MaxPeriod - took, MaxGap));
    }

    /// <summary>The pauses in what comes. Written by several at a time it may lose one.</summary>
    private struct Pauses
    {
        // The longest since the last round, and what it was of late.
        private long _longest;
        private long _usual;
        private long _last;

        /// <summary>When something came last.</summary>
        public long Last => Volatile.Read(ref _last);

        /// <summary>When there has been a pause that is not usual, if nothing comes before.</summary>
        public long QuietAt => Last + Math.Max(Volatile.Read(ref _usual) * 2, MinPause);

        public void Note(long now, long endedAt)
        {
            var before = Last;
            Volatile.Write(ref _last, now);
            // During a round nobody is read, so what comes then, and first after it, says nothing about the senders.
            var pause = Math.Min(now - before, MaxGap * 2);
            if (before > endedAt && pause > Volatile.Read(ref _longest))
            {
                Volatile.Write(ref _longest, pause);
            }
        }

        public void Touch(long now) => Volatile.Write(ref _last, now);

        /// <summary>A round has ended.</summary>
        public void Turn() => Volatile.Write(ref _usual, Math.Max(Interlocked.Exchange(ref _longest, 0), _usual * 3 / 4));
    }
}
