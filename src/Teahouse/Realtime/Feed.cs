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
    private EncodedEvent[] _ring = new EncodedEvent[8];
    private long _head;
    private long _tail;
    private int _bytes;
    private long _totalBytes;
    private long _headRev;
    private readonly List<Subscription> _subscriptions = [];

    public Topic Topic { get; } = topic;

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
                return _subscriptions.Count;
            }
        }
    }

    /// <summary>Appends an event and wakes every subscription. An event whose revision is not newer than the head is dropped: it is known.</summary>
    public void Append(EncodedEvent item)
    {
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
            foreach (var subscription in _subscriptions)
            {
                subscription.Wake();
            }
        }
    }

    /// <summary>Registers at the head: everything appended from now on will be taken by <see cref="Take"/>.</summary>
    public void Add(Subscription subscription)
    {
        lock (_gate)
        {
            subscription.Position = _head;
            subscription.BytesSeen = _totalBytes;
            subscription.Index = _subscriptions.Count;
            _subscriptions.Add(subscription);
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
                var last = _subscriptions[^1];
                _subscriptions[subscription.Index] = last;
                last.Index = subscription.Index;
                _subscriptions.RemoveAt(_subscriptions.Count - 1);
                subscription.Index = -1;
            }
            return _subscriptions.Count == 0;
        }
    }

    public Subscription[] ListSubscriptions()
    {
        lock (_gate)
        {
            return [.. _subscriptions];
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

    private void DropOldest()
    {
        ref var slot = ref _ring[_tail % _ring.Length];
        _bytes -= slot.V1.Length;
        slot = null!; // Outside tail..head nothing is read.
        _tail++;
    }

    private void Grow()
    {
        var larger = new EncodedEvent[_ring.Length * 2];
        for (var position = _tail; position < _head; position++)
        {
            larger[position % larger.Length] = _ring[position % _ring.Length];
        }
        _ring = larger;
    }
}
