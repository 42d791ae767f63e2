namespace Teahouse.Realtime;

/// <summary>The latest events of a feed by position. Positions only rise: the first event ever had 0. Belongs to the feed's lock.</summary>
internal sealed class EventRing
{
    internal const int MaxEvents = 1024;
    internal const int MaxBytes = 1 << 20;

    private EncodedEvent[] _slots = [];
    private int _bytes;

    /// <summary>Of the oldest event that is kept.</summary>
    public long Tail { get; private set; }

    /// <summary>Of the next event.</summary>
    public long Head { get; private set; }

    /// <summary>Bytes ever appended, of the <c>teahouse.v1</c> form: the difference to a subscription's count is how far it is behind.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>From <see cref="Tail"/> to before <see cref="Head"/>.</summary>
    public EncodedEvent this[long position] => _slots[position % _slots.Length];

    /// <summary>Drops the oldest where it must.</summary>
    public void Append(EncodedEvent item)
    {
        if (Head - Tail == _slots.Length && _slots.Length < MaxEvents)
        {
            Grow();
        }
        while (Head - Tail == _slots.Length || (Head > Tail && _bytes + item.V1.Length > MaxBytes))
        {
            DropOldest();
        }
        _slots[Head % _slots.Length] = item;
        Head++;
        _bytes += item.V1.Length;
        TotalBytes += item.V1.Length;
    }

    /// <summary>Drops everything up to a revision.</summary>
    public void Forget(long rev)
    {
        var after = Tail;
        for (var position = Tail; position < Head; position++)
        {
            if (this[position].Rev is > 0 and var known && known <= rev)
            {
                after = position + 1;
            }
        }
        while (Tail < after)
        {
            DropOldest();
        }
    }

    /// <summary>Bytes ever appended before this position; not before <see cref="Tail"/>.</summary>
    public long BytesBefore(long position)
    {
        if (position == Tail)
        {
            return TotalBytes - _bytes;
        }
        var bytes = TotalBytes;
        for (var later = position; later < Head; later++)
        {
            bytes -= this[later].V1.Length;
        }
        return bytes;
    }

    private void DropOldest()
    {
        ref var slot = ref _slots[Tail % _slots.Length];
        _bytes -= slot.V1.Length;
        slot = null!; // Outside tail..head nothing is read.
        Tail++;
    }

    private void Grow()
    {
        var larger = new EncodedEvent[Math.Max(4, _slots.Length * 2)];
        for (var position = Tail; position < Head; position++)
        {
            larger[position % larger.Length] = this[position];
        }
        _slots = larger;
    }
}
