namespace Teahouse.Realtime;

/// <summary>Events read from the database for a subscription whose position has left the ring.</summary>
/// <param name="Events">In order of revision.</param>
/// <param name="Rev">The revision reached.</param>
/// <param name="More">There is more after it.</param>
public sealed record Refill(IReadOnlyList<EncodedEvent> Events, long Rev, bool More);

/// <summary>Reads what changed after a revision, a bounded piece at a time.</summary>
public delegate Task<Refill> RefillFeed(long afterRev, CancellationToken ct);

/// <summary>One connection's place in one topic's feed. <see cref="Position"/>, <see cref="BytesSeen"/> and <see cref="Index"/> belong to the feed's lock; <see cref="LastRev"/>
/// to the connection's writing pump once it is live; <see cref="IsListed"/> and <see cref="NextListed"/> to the event loop.</summary>
internal sealed class Subscription(Connection connection, Feed feed, string? label, RefillFeed? refill)
{
    private const int Entered = 1;
    private const int Left = 2;

    private const int New = 0;
    private const int Live = 1;
    private const int Stopped = 2;

    private int _presence;
    private int _dirty;
    private volatile int _delivery = New;

    public Connection Connection { get; } = connection;

    public Feed Feed { get; } = feed;

    /// <summary>The room's name for frames about it; null for topics that are no rooms.</summary>
    public string? Label { get; } = label;

    public RefillFeed? Refill { get; } = refill;

    public long Position { get; set; }

    public long BytesSeen { get; set; }

    /// <summary>Its place among the feed's subscriptions; -1 when it has none.</summary>
    public int Index { get; set; } = -1;

    /// <summary>It is in its connection's list of those that keep step with their feed's rounds (see <see cref="RoundMembers"/>), or did.</summary>
    public bool IsListed { get; set; }

    /// <summary>The next one in that list.</summary>
    public Subscription? NextListed { get; set; }

    /// <summary>The last revision handed to the client. What is not newer is not sent again.</summary>
    public long LastRev { get; private set; }

    /// <summary>The revision delivery began after.</summary>
    public long FirstRev { get; private set; }

    public bool IsLive => _delivery == Live;

    /// <summary>Begins delivery. Who has been stopped meanwhile stays so.</summary>
    /// <param name="rev">The client has been given everything up to it.</param>
    /// <param name="headRev">How far the room had come after the subscription was there; null: as far as <paramref name="rev"/>. What lies between is read by this subscription (<see cref="Rewind"/>).</param>
    public void GoLive(long rev, long? headRev = null)
    {
        FirstRev = LastRev = rev;
        Feed.BeginsAt(headRev ?? rev);
        if (Interlocked.CompareExchange(ref _delivery, Live, New) == New)
        {
            Wake();
        }
    }

    /// <summary>Before it goes live: what it lacks from before the feed's beginning is read from the database, a piece at a time.</summary>
    public void Rewind() => Position = -1;

    /// <summary>Its owner is counted as present. Returns false when it has been left meanwhile: then that must be undone.</summary>
    public bool TryEnter() => Interlocked.CompareExchange(ref _presence, Entered, 0) == 0;

    /// <summary>Returns true, once, when its owner is counted as present.</summary>
    public bool TryLeave() => Interlocked.Exchange(ref _presence, Left) == Entered;

    /// <summary>Ends delivery: nothing is handed to the client after this has returned, but what its pump is writing.</summary>
    public void Stop()
    {
        _delivery = Stopped;
        Feed.LeaveStep(this);
        Connection.OnStopped();
    }

    public void Reached(long rev) => LastRev = rev;

    /// <summary>Tells the connection's pump that there may be something to take.</summary>
    public void Wake()
    {
        if (IsLive && Interlocked.Exchange(ref _dirty, 1) == 0)
        {
            Connection.Enqueue(this);
        }
    }

    /// <summary>Moves over a batch that follows (see <see cref="FeedBatch.Follows"/>).</summary>
    public void Take(FeedBatch batch)
    {
        Position = batch.To;
        BytesSeen += batch.V1.Length;
        if (batch.LastRev > 0)
        {
            LastRev = batch.LastRev;
        }
    }

    /// <summary>Is where those are who keep step.</summary>
    public void CatchUp(long position, long bytesSeen, long rev) => (Position, BytesSeen, LastRev) = (position, bytesSeen, rev);

    /// <summary>Called by the pump before it takes: a wake-up after this moment counts again.</summary>
    public void BeginTake() => Volatile.Write(ref _dirty, 0);
}
