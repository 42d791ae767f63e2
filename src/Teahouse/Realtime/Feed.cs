namespace Teahouse.Realtime;

/// <summary>What <see cref="Feed.Take"/> found for a subscription.</summary>
internal enum FeedState
{
    /// <summary>Everything up to the head was taken.</summary>
    UpToDate,

    /// <summary>The byte budget is used up; there is more.</summary>
    More,

    /// <summary>What comes next has left the ring: read it from the database.</summary>
    Lost,
}

/// <summary>The latest events of one topic, encoded, in a ring. A subscription is a position in it, so a slow client costs a number and
/// not a queue. Thread-safe; <c>_gate</c> protects everything here and is never held while another lock but a connection's own is taken.</summary>
internal sealed class Feed(Topic topic)
{
    private readonly object _gate = new();
    private readonly EventRing _ring = new();
    private long _headRev;
    private long _readRev = -1;

    // Those whose own pump writes, and those an event loop serves by rounds.
    private readonly List<Subscription> _pumped = [];
    private readonly RoundMembers _inRounds = new();
    private IRounds? _rounds;
    private int _queued;

    public Topic Topic { get; } = topic;

    /// <summary>Done when other nodes' events arrive here.</summary>
    public Task Followed { get; init; } = Task.CompletedTask;

    /// <summary>The revision up to which everybody here has what there is, or will by themselves: published, or as far as the room had come when the first of them joined. -1 while nobody has.</summary>
    public long KnownRev => HeadRev > 0 ? Math.Max(HeadRev, Interlocked.Read(ref _readRev)) : Interlocked.Read(ref _readRev);

    /// <summary>Somebody joins when the room has come so far. It tells nothing about those who were here before, who may still lack what this one has read.</summary>
    public void BeginsAt(long rev)
    {
        for (var known = Interlocked.Read(ref _readRev); known < 0 || rev < known;)
        {
            if (Interlocked.CompareExchange(ref _readRev, rev, known) is var was && was == known)
            {
                return;
            }
            known = was;
        }
    }

    /// <summary>Everything up to here was read for all, and is published.</summary>
    public void HasRead(long rev)
    {
        for (var known = Interlocked.Read(ref _readRev); rev > known;)
        {
            known = Interlocked.CompareExchange(ref _readRev, rev, known);
        }
    }

    /// <summary>When its next round may be, and when what is said here is stored.</summary>
    public Gathering Gathering { get; } = new();

    /// <summary>See <see cref="Gathering.SayAsync"/>.</summary>
    public Gathering.Entry SayAsync() => Gathering.SayAsync(Volatile.Read(ref _rounds));

    /// <summary>The highest revision published here; 0 when none was.</summary>
    public long HeadRev => Interlocked.Read(ref _headRev);

    /// <summary>Events that were handed to those who keep step (see <see cref="RoundMembers"/>), all together; who does not counts for itself.</summary>
    public long Delivered
    {
        get
        {
            lock (_gate)
            {
                return _inRounds.Delivered;
            }
        }
    }

    public int SubscriberCount
    {
        get
        {
            lock (_gate)
            {
                return _pumped.Count + _inRounds.Count;
            }
        }
    }

    /// <summary>Appends an event and sees that everybody gets it. An event whose revision is not newer than the head is dropped: it is known.</summary>
    public void Append(EncodedEvent item)
    {
        IRounds? rounds;
        lock (_gate)
        {
            if (item.Rev > 0)
            {
                if (item.Rev <= _headRev)
                {
                    return;
                }
                Interlocked.Exchange(ref _headRev, item.Rev);
            }
            if (item.Forgets > 0)
            {
                // Whoever has not been given these yet reads them from the database, as they are by now.
                _ring.Forget(item.Forgets);
            }
            _ring.Append(item);
            foreach (var subscription in _pumped)
            {
                subscription.Wake();
            }
            rounds = _inRounds.Count > 0 ? _rounds : null;
        }
        var isWaitedFor = false;
        if (item.Rev > 0)
        {
            isWaitedFor = Gathering.Stored();
        }
        else
        {
            Gathering.Pace.Passed();
        }
        if (rounds is null)
        {
            return;
        }
        if (Interlocked.Exchange(ref _queued, 1) == 0)
        {
            rounds.Enqueue(this);
        }
        else if (isWaitedFor)
        {
            rounds.Wake();
        }
    }

    /// <summary>Registers at the head: everything appended from now on will be taken by <see cref="Take"/>.</summary>
    public void Add(Subscription subscription)
    {
        lock (_gate)
        {
            subscription.Position = _ring.Head;
            subscription.BytesSeen = _ring.TotalBytes;
            if (subscription.Connection.Rounds is { } rounds)
            {
                if (_inRounds.Count == 0)
                {
                    _rounds = rounds;
                    _inRounds.Begin(_ring.Head);
                }
                _inRounds.Add(subscription);
            }
            else
            {
                subscription.Index = _pumped.Count;
                _pumped.Add(subscription);
            }
        }
    }

    /// <summary>Returns true when nobody is left.</summary>
    public bool Remove(Subscription subscription)
    {
        lock (_gate)
        {
            if (IsInRounds(subscription))
            {
                _inRounds.Remove(subscription);
            }
            else if (subscription.Index >= 0)
            {
                var last = _pumped[^1];
                _pumped[subscription.Index] = last;
                last.Index = subscription.Index;
                _pumped.RemoveAt(_pumped.Count - 1);
                subscription.Index = -1;
            }
            return _pumped.Count + _inRounds.Count == 0;
        }
    }

    public Subscription[] ListSubscriptions()
    {
        lock (_gate)
        {
            return [.. _pumped, .. _inRounds.List()];
        }
    }

    /// <summary>What came since the last batch, up to about <paramref name="maxBytes"/>; null when nothing did. Called by the event loop, which delivers it with <see cref="Deliver"/>.</summary>
    public FeedBatch? TakeBatch(int maxBytes)
    {
        // Before looking: what is appended after the look queues the feed again.
        Volatile.Write(ref _queued, 0);
        lock (_gate)
        {
            var from = Math.Max(_inRounds.Position, _ring.Tail);
            var to = from;
            for (var bytes = 0; to < _ring.Head && bytes < maxBytes; to++)
            {
                bytes += _ring[to].V1.Length;
            }
            if (to == from)
            {
                return null;
            }
            var batch = FeedBatch.Create(from, _ring, (int)(to - from));
            _inRounds.Turn(batch, _ring.BytesBefore(to));
            return batch;
        }
    }

    /// <summary>True when <see cref="TakeBatch"/> left something because of its limit.</summary>
    public bool HasMoreForRounds
    {
        get
        {
            lock (_gate)
            {
                return _inRounds.Position < _ring.Head;
            }
        }
    }

    /// <summary>Hands the batch from <see cref="TakeBatch"/> to some of those in rounds. Returns true when there are more.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="count">How many to serve now.</param>
    /// <param name="stalled">Gets those who have not taken theirs at once. Each must hear of it (<see cref="Connection.OnStalled"/>) before another feed is served; not here, where a feed's lock is held.</param>
    public bool Deliver(FeedBatch batch, int count, List<Stalled> stalled)
    {
        lock (_gate)
        {
            return _rounds is { } rounds && _inRounds.Deliver(rounds, batch, count, stalled);
        }
    }

    /// <summary>Rounds look after it for itself from now on: nothing is sent past its pump and its state. Called also when it is not in rounds, or not in step.</summary>
    public void LeaveStep(Subscription subscription)
    {
        lock (_gate)
        {
            if (IsInRounds(subscription))
            {
                _inRounds.LeaveStep(subscription);
            }
        }
    }

    /// <summary>How far a subscription is behind.</summary>
    public long BytesBehind(Subscription subscription)
    {
        lock (_gate)
        {
            return IsInRounds(subscription) && _inRounds.IsInStep(subscription) ? 0 : _ring.TotalBytes - subscription.BytesSeen;
        }
    }

    /// <summary>Moves the subscription's position over the events it lacks, adding them to <paramref name="into"/>, until the head or until about
    /// <paramref name="maxBytes"/> were added.</summary>
    public FeedState Take(Subscription subscription, List<EncodedEvent> into, int maxBytes)
    {
        lock (_gate)
        {
            if (IsInRounds(subscription))
            {
                _inRounds.LeaveStep(subscription);
            }
            if (subscription.Position < _ring.Tail)
            {
                subscription.Position = _ring.Tail;
                subscription.BytesSeen = _ring.BytesBefore(_ring.Tail);
                return FeedState.Lost;
            }
            var taken = 0;
            while (subscription.Position < _ring.Head)
            {
                if (taken >= maxBytes)
                {
                    return FeedState.More;
                }
                var item = _ring[subscription.Position];
                into.Add(item);
                taken += item.V1.Length;
                subscription.Position++;
                subscription.BytesSeen += item.V1.Length;
            }
            return FeedState.UpToDate;
        }
    }

    private static bool IsInRounds(Subscription subscription) => subscription.Index >= 0 && subscription.Connection.Rounds is not null;
}
