namespace Teahouse.Realtime;

/// <summary>Rounds of the event loop, past the pump. A subscription keeps step (see <see cref="RoundMembers"/>) as long as the loop may send to its socket without a look at the connection: its pump
/// rests, or is about to begin on the same thread.</summary>
public sealed partial class Connection
{
    // Those that keep step, or did: a list by NextListed. Only on the loop's thread is there anything in it: a pump begins there, and empties it before it suspends.
    private Subscription? _inStep;

    private volatile bool _hasStopped;

    /// <summary>Sends a batch to a client that lacks just that, past the pump, when the pump rests. Otherwise the pump finds it in the feed. Called under the
    /// feed's lock, on the event loop.</summary>
    internal Sending SendBatch(Subscription subscription, FeedBatch batch, IRounds rounds)
    {
        if (_dead || !subscription.IsLive || subscription.Position == batch.To)
        {
            return Sending.Left;
        }
        if (Interlocked.CompareExchange(ref _signals, 1, 0) != 0)
        {
            subscription.Wake();
            return Sending.Left;
        }
        // The pump is ours.
        var sending = Sending.Left;
        if (IsClosing || !batch.Follows(subscription.Position, subscription.LastRev))
        {
            subscription.Wake();
        }
        else
        {
            subscription.Take(batch);
            Delivered += batch.To - batch.From;
            var bytes = batch.For(IsPlain);
            var written = bytes.IsEmpty ? 0 : rounds.Send(_wire.Handle, bytes.Span);
            if (written < 0)
            {
                Abort();
            }
            else if (written < bytes.Length)
            {
                Hold(bytes[written..]);
                _wire.Schedule(this);
                return Sending.Stalled;
            }
            else
            {
                sending = Sending.Whole;
            }
        }
        if (Interlocked.Decrement(ref _signals) != 0)
        {
            _wire.Schedule(this);
        }
        return sending;
    }

    /// <summary>From the next round on the loop sends to it past everything here, until <see cref="LeaveStep"/>. Called on the loop's thread. Returns by which handle, -1 when it has ended.</summary>
    internal int KeepStep(Subscription subscription)
    {
        if (!subscription.IsListed)
        {
            (subscription.IsListed, subscription.NextListed, _inStep) = (true, _inStep, subscription);
        }
        return _wire.Handle;
    }

    /// <summary>A subscription has stopped.</summary>
    internal void OnStopped() => _hasStopped = true;

    /// <summary>The loop looks at it again before it sends. Must be called on the loop's thread before anything here writes in pieces, says goodbye, or gives the socket's number back.</summary>
    private void LeaveStep()
    {
        while (_inStep is { } first)
        {
            first.Feed.LeaveStep(first);
            (first.IsListed, first.NextListed, _inStep) = (false, null, first.NextListed);
        }
    }

    /// <summary>Nothing here holds on to the feeds of rooms that were left.</summary>
    private void ForgetStopped()
    {
        _hasStopped = false;
        var listed = _inStep;
        _inStep = null;
        while (listed is { } each)
        {
            listed = each.NextListed;
            if (each.IsLive)
            {
                (each.NextListed, _inStep) = (_inStep, each);
            }
            else
            {
                // Who stops it may not have come to that yet, and nobody else would find it here any more.
                each.Feed.LeaveStep(each);
                (each.IsListed, each.NextListed) = (false, null);
            }
        }
    }

    /// <summary>On the loop's thread: the peer has not taken all of a round.</summary>
    internal void OnStalled(in Stalled stalled)
    {
        LeaveStep();
        if (stalled.HasGone)
        {
            Abort();
        }
        else if (!stalled.Rest.IsEmpty)
        {
            Hold(stalled.Rest);
            Signal();
        }
    }

    /// <summary>The pump has this to write before anything else.</summary>
    private void Hold(ReadOnlyMemory<byte> rest)
    {
        _rest = rest;
        Volatile.Write(ref _writingSince, _time.GetTimestamp());
    }
}
