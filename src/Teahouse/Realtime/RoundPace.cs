using System.Diagnostics;

namespace Teahouse.Realtime;

/// <summary>When a room's next round may be. A round costs one write for each member however much it brings, so under load rounds stand apart: the longer
/// the last one took, the longer the wait, and only while more is coming in. A quiet room, and a small one, never waits.</summary>
internal sealed class RoundPace(TimeProvider? time = null)
{
    /// <summary>How long after a round the next may begin, in the round's own length.</summary>
    private const int GapFactor = 9;

    /// <summary>One wait in so many goes on to its end, or nobody would learn of what comes after the pause that ends the others.</summary>
    private const int LookEvery = 32;

    /// <summary>After so many rounds in a row that are like each other the next is expected to be, and after so many that are not it no longer is.</summary>
    private const int EnoughAlike = 3;
    private const int MostShort = 4;

    /// <summary>Where clients of other nodes speak too it is worth waiting for so many.</summary>
    private const int Several = 3;

    /// <summary>For so many rounds is remembered that clients of other nodes speak in this room, and that some wait to hear themselves.</summary>
    private const int Remember = 16;

    /// <summary>The longest wait after a round that took long itself.</summary>
    private static readonly long MaxGap = Stopwatch.Frequency * 16 / 1000;

    /// <summary>From one round's beginning to the next's, after a shorter one.</summary>
    private static readonly long MaxPeriod = Stopwatch.Frequency * 27 / 1000;

    /// <summary>The same where several nodes have a part of a large room each: every round costs each of them a transaction and a hint besides, so they are to be fewer.</summary>
    private static readonly TimeSpan SharedPeriod = TimeSpan.FromMilliseconds(31);
    private static readonly long MaxSharedPeriod = SharedPeriod.Ticks * Stopwatch.Frequency / TimeSpan.TicksPerSecond;

    /// <summary>After a shorter round nobody waits: the room is small.</summary>
    private static readonly long MinRound = Stopwatch.Frequency / 2000;

    /// <summary>A shorter pause says nothing about the senders.</summary>
    private static readonly long MinPause = Stopwatch.Frequency / 1000;

    /// <summary>How long before a round what is to be in it goes to the database: about what a commit takes, and the way there and back.</summary>
    private static readonly long StoreTime = Stopwatch.Frequency * 3 / 1000;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private long _beganAt;
    private long _endedAt;
    private long _gap;

    // When the next round begins at the latest, if there is something for it.
    private long _until;

    // Up to which round is remembered that clients of other nodes speak here; and that somebody waits to hear himself.
    private int _elsewhereUntil;
    private int _waitingUntil;
    private int _rounds;

    // All that comes, and what is said here of it.
    private Flow _arrivals = new(MaxGap * 2);
    private Flow _said = new(MaxGap * 2);

    /// <summary>Notes that something was appended which nobody waits to hear, such as that somebody types.</summary>
    public void Passed() => Passed(Stopwatch.GetTimestamp());

    /// <summary>Notes that something from elsewhere was appended. Returns true when the next round need not wait for more. Two at a time may lose one.</summary>
    public bool Arrived() => Arrived(Stopwatch.GetTimestamp());

    /// <summary>Notes that a client of this node has said something, which is yet to be stored and <see cref="Appended()"/>.</summary>
    public void Said() => Said(Stopwatch.GetTimestamp());

    /// <summary>Notes that something which was said here was appended: the senders can have heard of nothing that is in no round, so they get their time from now on. Returns true when the next round
    /// need not wait for more.</summary>
    public bool Appended() => Appended(Stopwatch.GetTimestamp());

    internal void Passed(long now) => _arrivals.Note(now, Volatile.Read(ref _endedAt));

    internal bool Arrived(long now)
    {
        Volatile.Write(ref _elsewhereUntil, _rounds + Remember);
        Passed(now);
        return CountArrival();
    }

    internal void Said(long now)
    {
        _said.Note(now, Volatile.Read(ref _endedAt));
        _said.Count();
        Passed(now);
    }

    internal bool Appended(long now)
    {
        _arrivals.Touch(now);
        return CountArrival();
    }

    /// <summary>The earliest time for the next round, in <see cref="Stopwatch"/> ticks; not after <paramref name="now"/> when it may begin.</summary>
    public long NextAt(long now)
    {
        var until = _until;
        if (until <= now)
        {
            return now;
        }
        if (!IsMoreExpected(until))
        {
            return now;
        }
        // Senders who wait to hear themselves send nothing more before they do: when all have spoken, or, of unknown ones, when there is a pause that was not there before, the wait ends.
        if (_arrivals.IsKnown && !IsLook)
        {
            return _arrivals.AreAll ? now : until;
        }
        // What comes from elsewhere comes after pauses of its own.
        return IsLook || (IsElsewhere && IsMoreExpected(until, Several)) ? until : Math.Min(until, _arrivals.QuietAt);
    }

    /// <summary>When what clients of this node have said is to be stored, in <see cref="Stopwatch"/> ticks; not after <paramref name="now"/> when at once. Nobody here hears of it before the next
    /// round, so all that comes until shortly before that can be one transaction. That clients of another node go on speaking is no reason to wait: those here may wait to hear themselves.</summary>
    public long StoreAt(long now) => _until - StoreTime is var at && (at <= now || !IsMoreExpected(at) || _said.AreAll) ? now : Math.Min(at, _said.QuietAt);

    private bool CountArrival() => _arrivals.Count() && IsApart && !IsLook;

    /// <summary>Nothing is gained by waiting when nothing more is expected before the wait's end.</summary>
    private bool IsMoreExpected(long until, int count = 1) => _arrivals.Last + (_arrivals.Interval * count) <= until;

    /// <summary>The room's rounds cost so much that they stand apart when there is more to say.</summary>
    public bool IsApart => _gap > 0;

    /// <summary>A round begins with all that was appended.</summary>
    public void Began(long now)
    {
        _beganAt = now;
        // Where rounds follow at once nobody was silent; and a busy machine reads nothing for some milliseconds.
        var silence = IsApart ? _gap / 2 : long.MaxValue;
        if (_arrivals.Begin(now, silence, IsLook) || _arrivals.IsKnown)
        {
            _waitingUntil = _rounds + Remember;
        }
        _said.Begin(now, silence, IsLook);
    }

    public void Ended(long now)
    {
        _rounds++;
        Volatile.Write(ref _endedAt, now);
        _arrivals.End();
        _said.End();
        var took = now - _beganAt;
        var longest = IsElsewhere ? MaxSharedPeriod : MaxPeriod;
        _gap = took < MinRound ? 0 : Math.Min(took * GapFactor, Math.Max(longest - took, MaxGap));
        _until = now + _gap;
        if (IsElsewhere && _rounds < _waitingUntil && took + _gap >= longest && took <= longest / 2)
        {
            _until = InStep(_until);
        }
    }

    /// <summary>The nearest moment at which the rounds of other nodes begin too, if their clocks are right. Where senders wait to hear themselves, nodes that each end their waits at a time of their own
    /// would go on doing so, and each round would bring only a part.</summary>
    private long InStep(long at)
    {
        // Of the clock on the wall, which all nodes have.
        var past = (_time.GetUtcNow().Ticks % SharedPeriod.Ticks * Stopwatch.Frequency / TimeSpan.TicksPerSecond + at - Volatile.Read(ref _endedAt)) % MaxSharedPeriod;
        return past < MaxSharedPeriod / 2 ? at - past : at + MaxSharedPeriod - past;
    }

    private bool IsElsewhere => _rounds < Volatile.Read(ref _elsewhereUntil);

    /// <summary>The wait goes on to its end.</summary>
    private bool IsLook => _rounds % LookEvery == 0;

    /// <summary>How much comes between two rounds, and with which pauses. Written by several at a time it may lose a pause.</summary>
    private struct Flow(long interval)
    {
        // The longest since the last round, and what it was of late.
        private long _longest;
        private long _usual;
        private long _last;
        private long _interval = interval;

        // Since the last round began; and how many come until the senders wait to hear themselves. 0: they do not.
        private int _count;
        private int _all;

        // Rounds in a row that began with fewer; and those that began after a silence with as many as the one before.
        private int _short;
        private int _alike;
        private int _lately;

        /// <summary>How many come before the senders wait to hear themselves is known.</summary>
        public bool IsKnown => Volatile.Read(ref _all) > 0;

        /// <summary>All of them have come.</summary>
        public bool AreAll => Volatile.Read(ref _all) is var all and > 0 && Volatile.Read(ref _count) >= all;

        /// <summary>When something came last.</summary>
        public long Last => Volatile.Read(ref _last);

        /// <summary>How long it is from one to the next in the mean.</summary>
        public long Interval => Volatile.Read(ref _interval);

        /// <summary>When there has been a pause that is not usual, if nothing comes before.</summary>
        public long QuietAt => Last + (IsKnown ? MinPause : Math.Max(Volatile.Read(ref _usual) * 2, MinPause));

        public void Note(long now, long endedAt)
        {
            var before = Last;
            Volatile.Write(ref _last, now);
            // A running mean over about eight; a pause counts as no more than it is worth waiting.
            Volatile.Write(ref _interval, Interval + ((Math.Min(now - before, MaxGap * 2) - Interval) / 8));
            // During a round nobody is read, so what comes then, and first after it, says nothing about the senders.
            var pause = Math.Min(now - before, MaxGap * 2);
            if (before > endedAt && pause > Volatile.Read(ref _longest))
            {
                Volatile.Write(ref _longest, pause);
            }
        }

        /// <summary>Returns true when this is the last of all that is expected.</summary>
        public bool Count() => Interlocked.Increment(ref _count) == Volatile.Read(ref _all);

        public void Touch(long now) => Volatile.Write(ref _last, now);

        /// <summary>A round begins. Returns true when it seems that they wait to hear themselves.</summary>
        /// <param name="now">When.</param>
        /// <param name="silence">Who has said nothing for so long says nothing before the round.</param>
        /// <param name="isLook">It was waited for to the end, whatever was to be expected.</param>
        public bool Begin(long now, long silence, bool isLook)
        {
            var count = Interlocked.Exchange(ref _count, 0);
            var all = _all;
            if (count == all)
            {
                _short = 0;
                return false;
            }
            if (count > all || ++_short > MostShort)
            {
                // They say more than was thought, or some have stopped.
                all = 0;
            }
            var isSilent = now - Last >= Math.Max(silence, Interval * 2);
            if (isSilent)
            {
                (_alike, _lately) = (count == _lately ? _alike + 1 : 1, count);
                all = isLook || _alike >= EnoughAlike ? count : all;
            }
            Volatile.Write(ref _all, all);
            return isSilent;
        }

        public void End() => Volatile.Write(ref _usual, Math.Max(Interlocked.Exchange(ref _longest, 0), _usual * 3 / 4));
    }
}
