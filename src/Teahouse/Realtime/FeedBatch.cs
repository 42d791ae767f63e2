namespace Teahouse.Realtime;

/// <summary>Consecutive events of one feed as one piece of memory: what everybody who is up to date but for these gets in one write. Immutable.</summary>
internal sealed class FeedBatch
{
    private ReadOnlyMemory<byte> _plain;

    /// <summary>Position of the first event.</summary>
    public required long From { get; init; }

    /// <summary>Position after the last event.</summary>
    public required long To { get; init; }

    /// <summary>The first event's revision among those that have one; 0 when none has.</summary>
    public long FirstRev { get; private init; }

    public long LastRev { get; private init; }

    /// <summary>The frames for <c>teahouse.v1</c>.</summary>
    public ReadOnlyMemory<byte> V1 { get; private init; }

    private bool IsWhole { get; init; }

    public ReadOnlyMemory<byte> For(bool plain) => plain ? _plain : V1;

    /// <summary>True when this is just what is lacked at a position by who was given everything up to a revision. Anything else (another place, a revision that is there already, a gap) is for the
    /// connection's pump to sort out.</summary>
    public bool Follows(long position, long rev) => IsWhole && position == From && (FirstRev == 0 || rev + 1 == FirstRev);

    /// <summary>Joins <paramref name="count"/> events of the ring.</summary>
    public static FeedBatch Create(long from, EventRing ring, int count)
    {
        var first = ring[from];
        if (count == 1)
        {
            return new FeedBatch { From = from, To = from + 1, FirstRev = first.Rev, LastRev = first.Rev, V1 = first.V1, IsWhole = true, _plain = first.Plain };
        }
        var (v1Length, plainLength) = (0, 0);
        for (var i = 0; i < count; i++)
        {
            var item = ring[from + i];
            v1Length += item.V1.Length;
            plainLength += item.Plain.Length;
        }
        var v1 = GC.AllocateUninitializedArray<byte>(v1Length);
        var plain = GC.AllocateUninitializedArray<byte>(plainLength);
        var (v1At, plainAt) = (0, 0);
        var (firstRev, lastRev, whole) = (0L, 0L, true);
        for (var i = 0; i < count; i++)
        {
            var item = ring[from + i];
            item.V1.CopyTo(v1.AsMemory(v1At));
            item.Plain.CopyTo(plain.AsMemory(plainAt));
            v1At += item.V1.Length;
            plainAt += item.Plain.Length;
            if (item.Rev > 0)
            {
                firstRev = firstRev == 0 ? item.Rev : firstRev;
                whole &= lastRev == 0 || item.Rev == lastRev + 1;
                lastRev = item.Rev;
            }
        }
        return new FeedBatch { From = from, To = from + count, FirstRev = firstRev, LastRev = lastRev, V1 = v1, IsWhole = whole, _plain = plain };
    }
}
