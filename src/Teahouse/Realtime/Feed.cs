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
    internal const int MaxEvents = 1024;
    internal const int MaxBytes = 1 << 20;

    private readonly object _gate = new();
    private EncodedEvent[] _ring = [];
    private long _head;
    private long _tail;
    private int _bytes;
    private long _totalBytes;
    private long _headRev;
    private long _readRev = -1;

    // Those whose own pump writes, and those an event loop serves by rounds.
    private readonly List<Subscription> _pumped = [];
    private readonly List<Subscription> _inRounds = [];
    private IRounds? _rounds;
    private long _roundPosition;
    private int _queued;

    public Topic Topic { get; } = topic;

    /// <summary>Done when other nodes' events arrive here.</summary>
    public Task Followed { get; init; } = Task.CompletedTask;

    /// <summary>The highest revision that somebody here is known to have, published or read; -1 while nobody has read yet.</summary>
    public long KnownRev => HeadRev > 0 ? Math.Max(HeadRev, Interlocked.Read(ref _readRev)) : Interlocked.Read(ref _readRev);

    /// <summary>Somebody has read up to here.</summary>
    public void HasRead(long rev)
    {
        for (var known = Interlocked.Read(ref _readRev); rev > known;)
        {
            known = Interlocked.CompareExchange(ref _readRev, rev, known);
        }
    }

    /// <summary>When its next round may be; belongs to the event loop, but for its arrivals.</summary>
    public RoundPace Pace { get; } = new();

    /// <summary>The highest revision published here; 0 when none was.</summary>
    public long HeadRev => Interlocked.Read(ref _headRev);

    /// <summary>Bytes ever appended (of the <c>teahouse.v1</c> form): the difference to a subscription's count is how far it is behind.</summary>
    public long TotalBytes => Interlocked.Read(ref _totalBytes);

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
                Forget(item.Forgets);
            }
            if (_head - _tail == _ring.Length && _ring.Length < MaxEvents)
            {
                Grow();
            }
            while (_head - _tail == _ring.Length || (_head > _tail && _bytes + item.V1.Length > MaxBytes))
            {
                DropOldest();
            }
            _ring[_head % _ring.Length] = item;
            _head++;
            _bytes += item.V1.Length;
            Interlocked.Add(ref _totalBytes, item.V1.Length);
            foreach (var subscription in _pumped)
            {
                subscription.Wake();
            }
            rounds = _inRounds.Count > 0 ? _rounds : null;
        }
        Pace.Arrived();
        if (rounds is not null && Interlocked.Exchange(ref _queued, 1) == 0)
        {
            rounds.Enqueue(this);
        }
    }

    /// <summary>Registers at the head: everything appended from now on will be taken by <see cref="Take"/>.</summary>
    public void Add(Subscription subscription)
    {
        lock (_gate)
        {
            var list = ListOf(subscription);
            if (_inRounds.Count == 0)
            {
                // Rounds begin here; what came before is not for them.
                _rounds = subscription.Connection.Rounds;
                _roundPosition = _head;
            }
            subscription.Position = _head;
            subscription.BytesSeen = _totalBytes;
            subscription.Index = list.Count;
            list.Add(subscription);
        }
    }

    /// <summary>Returns true when nobody is left.</summary>
    public bool Remove(Subscription subscription)
    {
        lock (_gate)
        {
            if (subscription.Index >= 0)
            {
                // The last one takes the leaver's place: removing is O(1) however large the room.
                var list = ListOf(subscription);
                var last = list[^1];
                list[subscription.Index] = last;
                last.Index = subscription.Index;
                list.RemoveAt(list.Count - 1);
                subscription.Index = -1;
            }
            return _pumped.Count + _inRounds.Count == 0;
        }
    }

    public Subscription[] ListSubscriptions()
    {
        lock (_gate)
        {
            return [.. _pumped, .. _inRounds];
        }
    }

    /// <summary>What came since the last batch, up to about <paramref name="maxBytes"/>; null when nothing did. Called by the event loop, which delivers it with <see cref="Deliver"/>.</summary>
    public FeedBatch? TakeBatch(int maxBytes)
    {
        // Before looking: what is appended after the look queues the feed again.
        Volatile.Write(ref _queued, 0);
        lock (_gate)
        {
            var from = Math.Max(_roundPosition, _tail);
            var to = from;
            for (var bytes = 0; to < _head && bytes < maxBytes; to++)
            {
                bytes += _ring[to % _ring.Length].V1.Length;
            }
            _roundPosition = to;
            return to == from ? null : FeedBatch.Create(from, _ring, (int)(to - from));
        }
    }

    /// <summary>True when <see cref="TakeBatch"/> left something because of its limit.</summary>
    public bool HasMoreForRounds
    {
        get
        {
            lock (_gate)
            {
                return _roundPosition < _head;
            }
        }
    }

    /// <summary>Hands a batch to some of those in rounds, from the end of the list downwards: whoever takes a leaver's place has been served by then.</summary>
    /// <param name="batch">From <see cref="TakeBatch"/>.</param>
    /// <param name="left">How many are still to be served; <see cref="int.MaxValue"/> to begin with, 0 when done.</param>
    /// <param name="count">How many to serve now.</param>
    public void Deliver(FeedBatch batch, ref int left, int count)
    {
        lock (_gate)
        {
            for (left = Math.Min(left, _inRounds.Count); left > 0 && count > 0; count--)
            {
                var subscription = _inRounds[--left];
                subscription.Connection.SendBatch(subscription, batch);
            }
        }
    }

    /// <summary>Moves the subscription's position over the events it lacks, adding them to <paramref name="into"/>, until the head or until about
    /// <paramref name="maxBytes"/> were added.</summary>
    public FeedState Take(Subscription subscription, List<EncodedEvent> into, int maxBytes)
    {
        lock (_gate)
        {
            if (subscription.Position < _tail)
            {
                subscription.Position = _tail;
                subscription.BytesSeen = _totalBytes - _bytes;
                return FeedState.Lost;
            }
            var taken = 0;
            while (subscription.Position < _head)
            {
                if (taken >= maxBytes)
                {
                    return FeedState.More;
                }
                var item = _ring[subscription.Position % _ring.Length];
                into.Add(item);
                taken += item.V1.Length;
                subscription.Position++;
                subscription.BytesSeen += item.V1.Length;
            }
            return FeedState.UpToDate;
        }
    }

    /// <summary>Whoever has not been given these yet reads them from the database, as they are by now.</summary>
    private void Forget(long rev)
    {
        var after = _tail;
        for (var position = _tail; position < _head; position++)
        {
            if (_ring[position % _ring.Length].Rev is > 0 and var known && known <= rev)
            {
                after = position + 1;
            }
        }
        while (_tail < after)
        {
            DropOldest();
        }
    }

    private void DropOldest()
    {
        ref var slot = ref _ring[_tail % _ring.Length];
        _bytes -= slot.V1.Length;
        slot = null!; // Outside tail..head nothing is read.
        _tail++;
    }

    private List<Subscription> ListOf(Subscription subscription) => subscription.Connection.Rounds is null ? _pumped : _inRounds;

    private void Grow()
    {
        var larger = new EncodedEvent[Math.Max(4, _ring.Length * 2)];
        for (var position = _tail; position < _head; position++)
        {
            larger[position % larger.Length] = _ring[position % _ring.Length];
        }
        _ring = larger;
    }
}
