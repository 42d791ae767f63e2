namespace Teahouse.Realtime;

/// <summary>Those of a feed whom an event loop serves by rounds, side by side in memory. Nearly all of a crowd got every round whole so far: they keep step, one position counts for all of them, and
/// the next round goes straight to their sockets without a look at anything else of theirs. Everything here belongs to the feed's lock; only the loop's thread brings anybody into step.</summary>
internal sealed class RoundMembers
{
    // Side by side: who each is, and what a round needs of it.
    private Subscription[] _subscriptions = [];
    private RoundTarget[] _targets = [];

    // Where everybody is who keeps step; and, while a round is being delivered, where those below _left are, who are still to be served.
    private Place _place = new(0, 0, -1);
    private Place _before;
    private int _left;

    public int Count { get; private set; }

    /// <summary>Up to where rounds were taken.</summary>
    public long Position => _place.Position;

    /// <summary>Events that were handed to those who keep step, all together.</summary>
    public long Delivered { get; private set; }

    /// <summary>Rounds begin at this position; what came before is not for them.</summary>
    public void Begin(long position) => _place = new Place(position, 0, -1);

    public void Add(Subscription subscription)
    {
        if (Count == _targets.Length)
        {
            Array.Resize(ref _subscriptions, Math.Max(4, Count * 2));
            Array.Resize(ref _targets, _subscriptions.Length);
        }
        subscription.Index = Count;
        _subscriptions[Count] = subscription;
        _targets[Count++] = new RoundTarget(RoundTarget.OutOfStep, subscription.Connection.IsPlain);
    }

    /// <summary>The last one takes the leaver's place: removing is O(1) however large the room.</summary>
    public void Remove(Subscription subscription)
    {
        var last = _subscriptions[--Count];
        if (Count >= _left && subscription.Index < _left)
        {
            // It has been served, and goes where the round has not come to yet: its own position will say so.
            LeaveStep(Count);
        }
        _subscriptions[subscription.Index] = last;
        _targets[subscription.Index] = _targets[Count];
        last.Index = subscription.Index;
        _subscriptions[Count] = null!; // Outside of the count nothing is read.
        subscription.Index = -1;
    }

    public IEnumerable<Subscription> List() => _subscriptions.Take(Count);

    /// <summary>A round was taken. When it is not just what those in step lack, none of them is any more.</summary>
    /// <param name="batch">The round.</param>
    /// <param name="bytesSeen">Bytes ever appended up to its end.</param>
    public void Turn(FeedBatch batch, long bytesSeen)
    {
        if (!batch.Follows(_place.Position, _place.Rev))
        {
            for (var i = 0; i < Count; i++)
            {
                LeaveStep(i);
            }
        }
        _before = _place;
        _place = new Place(batch.To, bytesSeen, batch.LastRev > 0 ? batch.LastRev : _place.Rev);
        _left = Count;
    }

    /// <summary>Hands the round of <see cref="Turn"/> to some, from the end downwards. Returns true when there are more.</summary>
    /// <param name="rounds">Who sends.</param>
    /// <param name="batch">The round.</param>
    /// <param name="count">How many to serve.</param>
    /// <param name="stalled">Gets those who have not taken theirs at once.</param>
    public bool Deliver(IRounds rounds, FeedBatch batch, int count, List<Stalled> stalled)
    {
        // Who has come since then has come behind the round.
        _left = Math.Min(_left, Count);
        var until = Math.Max(0, _left - count);
        var plain = batch.For(plain: true);
        while (_left > until)
        {
            var taken = rounds.Send(_targets.AsSpan(until.._left), plain.Span, batch.V1.Span, out var written);
            Delivered += taken * (batch.To - batch.From);
            _left -= taken;
            if (_left > until)
            {
                SendAlone(--_left, written, rounds, batch, stalled);
            }
        }
        return _left > 0;
    }

    /// <summary>From the next round on it is looked after for itself.</summary>
    public void LeaveStep(Subscription subscription) => LeaveStep(subscription.Index);

    public bool IsInStep(Subscription subscription) => _targets[subscription.Index].IsInStep;

    private void SendAlone(int index, int written, IRounds rounds, FeedBatch batch, List<Stalled> stalled)
    {
        var subscription = _subscriptions[index];
        ref var target = ref _targets[index];
        if (target.IsInStep)
        {
            Delivered += batch.To - batch.From;
            LeaveStep(index);
            // The same memory that all others got: a slow client costs a reference.
            stalled.Add(new(subscription.Connection, written < 0 ? ReadOnlyMemory<byte>.Empty : batch.For(target.IsPlain)[written..], HasGone: written < 0));
            return;
        }
        switch (subscription.Connection.SendBatch(subscription, batch, rounds))
        {
            case Sending.Whole when subscription.LastRev == _place.Rev:
                target = target with { Handle = subscription.Connection.KeepStep(subscription) };
                break;
            case Sending.Stalled:
                stalled.Add(new(subscription.Connection, ReadOnlyMemory<byte>.Empty, HasGone: false));
                break;
        }
    }

    private void LeaveStep(int index)
    {
        ref var target = ref _targets[index];
        if (target.IsInStep)
        {
            target = target with { Handle = RoundTarget.OutOfStep };
            var place = index < _left ? _before : _place;
            _subscriptions[index].CatchUp(place.Position, place.BytesSeen, place.Rev);
        }
    }

    private readonly record struct Place(long Position, long BytesSeen, long Rev);
}

/// <summary>What a round needs of a member.</summary>
/// <param name="Handle">By which it is sent to while it keeps step.</param>
/// <param name="IsPlain">Which form of the round it gets.</param>
internal readonly record struct RoundTarget(int Handle, bool IsPlain)
{
    public const int OutOfStep = -1;

    public bool IsInStep => Handle != OutOfStep;
}

/// <summary>Who has not taken a round at once.</summary>
/// <param name="Connection">Who.</param>
/// <param name="Rest">What is still to be written; empty when the connection has that already.</param>
/// <param name="HasGone">There is nobody any more.</param>
internal readonly record struct Stalled(Connection Connection, ReadOnlyMemory<byte> Rest, bool HasGone);

/// <summary>What became of a round for one connection.</summary>
internal enum Sending
{
    /// <summary>The peer has taken it, and nothing else waits to be written.</summary>
    Whole,

    /// <summary>The peer has taken a part of it; the connection writes the rest.</summary>
    Stalled,

    /// <summary>It was not for this one, or its own pump sees to it.</summary>
    Left,
}
