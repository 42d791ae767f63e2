using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Teahouse.Realtime;

/// <summary>What clients here say in a room between two rounds that stand apart: kept from the database until shortly before the second, since nobody here would hear of it sooner, so that it is stored in
/// one transaction instead of many. Where rounds do not stand apart nothing waits. Thread-safe.</summary>
internal sealed class Gathering
{
    /// <summary>So many wait no longer: a transaction is large enough then.</summary>
    private const int Many = 64;

    /// <summary>A round, and what has been said since, wait no longer for what is being stored.</summary>
    private static readonly long LongestStoring = Stopwatch.Frequency * 8 / 1000;

    private readonly Lock _gate = new();

    // Who goes on when it ends, in their order. Null: nobody waits, and nobody has gone on a moment ago whom a later one could overtake.
    private List<Action>? _waiting;

    // On its way to the database: how many, and since when there are any.
    private int _storing;
    private long _storingSince;

    /// <summary>That of the room's rounds.</summary>
    public RoundPace Pace { get; } = new();

    /// <summary>A client says something, which is to be stored when this has been awaited: then follows <see cref="Stored"/>, or <see cref="Unsay"/>.</summary>
    /// <param name="rounds">Who serves the room; null for nobody.</param>
    public Entry SayAsync(IRounds? rounds)
    {
        Pace.Said();
        return new Entry(this, rounds);
    }

    /// <summary>What was said is not stored after all.</summary>
    public void Unsay() => Take(out _);

    /// <summary>Notes that a message was appended to the room's feed. Returns true when a round may be waiting for it: it was the last of those being stored, or of all that is expected.</summary>
    public bool Stored()
    {
        if (Take(out var left))
        {
            // Both, whatever comes of the one.
            return Pace.Appended() | left == 0;
        }
        // From elsewhere.
        return Pace.Arrived();
    }

    /// <summary>When the next round may begin, in <see cref="Stopwatch"/> ticks; not after <paramref name="now"/> when it may now. What is being stored belongs to it, or would wait for the one
    /// after.</summary>
    public long NextRoundAt(long now) =>
        Pace.NextAt(now) is var at && at <= now && IsStoring ? Math.Max(at, Volatile.Read(ref _storingSince) + LongestStoring) : at;

    /// <summary>When those who wait are to go on. On the thread of the rounds.</summary>
    public long EndsAt(long now)
    {
        lock (_gate)
        {
            // While something is being stored a round is about to follow, and this belongs to the next.
            return _waiting?.Count >= Many ? now : IsStoring ? Volatile.Read(ref _storingSince) + LongestStoring : Pace.StoreAt(now);
        }
    }

    /// <summary>Lets all go on. On the thread of the rounds.</summary>
    public void End()
    {
        if (IsStoring)
        {
            // That takes too long, or will not be appended at all, or very many have come since: the next round waits for these only.
            Volatile.Write(ref _storing, 0);
        }
        while (true)
        {
            List<Action> waiting;
            lock (_gate)
            {
                if (_waiting is null or { Count: 0 })
                {
                    _waiting = null;
                    return;
                }
                (waiting, _waiting) = (_waiting, []);
            }
            foreach (var goOn in waiting)
            {
                goOn();
            }
        }
    }

    private bool IsStoring => Pace.IsApart && Volatile.Read(ref _storing) > 0;

    private bool IsOpen
    {
        get
        {
            lock (_gate)
            {
                return _waiting is not null;
            }
        }
    }

    private void Join(Action goOn, IRounds? rounds)
    {
        lock (_gate)
        {
            if (_waiting is not null)
            {
                _waiting.Add(goOn);
                return;
            }
            if (rounds is { IsCurrent: true })
            {
                _waiting = [goOn];
                rounds.Gather(this);
                return;
            }
        }
        // It has ended meanwhile.
        goOn();
    }

    private void BeginStoring()
    {
        if (Interlocked.Increment(ref _storing) == 1)
        {
            Volatile.Write(ref _storingSince, Stopwatch.GetTimestamp());
        }
    }

    private bool Take(out int left)
    {
        for (var storing = Volatile.Read(ref _storing); storing > 0;)
        {
            left = storing - 1;
            if (Interlocked.CompareExchange(ref _storing, left, storing) is var was && was == storing)
            {
                return true;
            }
            storing = was;
        }
        left = 0;
        return false;
    }

    /// <summary>To be awaited: what comes after it is the storing.</summary>
    internal readonly struct Entry(Gathering gathering, IRounds? rounds) : ICriticalNotifyCompletion
    {
        // Begun by the thread of the rounds alone, which looks at it in the same turn; but joined by whoever comes while it goes on.
        public bool IsCompleted => !(rounds is { IsCurrent: true } && gathering.Pace.IsApart) && !gathering.IsOpen;

        public Entry GetAwaiter() => this;

        public void OnCompleted(Action continuation) => gathering.Join(continuation, rounds);

        public void UnsafeOnCompleted(Action continuation) => gathering.Join(continuation, rounds);

        public void GetResult() => gathering.BeginStoring();
    }
}
