using System.Buffers;

namespace Teahouse.Realtime;

/// <summary>The writing pump: everything the client lacks, in as few writes as possible.</summary>
public sealed partial class Connection
{
    /// <summary>About the most bytes of one write. Small enough that a slow but living client finishes one within the stall limit.</summary>
    private const int RoundBytes = 32 * 1024;

    private readonly List<EncodedEvent> _events = [];
    private readonly List<ReadOnlyMemory<byte>> _round = [];
    private int _roundBytes;
    private bool _closeWritten;

    private async Task PumpAsync()
    {
        int seen;
        do
        {
            seen = Volatile.Read(ref _signals);
            try
            {
                while (await WriteRoundAsync())
                {
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
            {
                // The peer has gone; the reading side finds out by itself.
                Abort();
            }
            // Signals that came meanwhile belong to another turn of the same pump.
        } while (Interlocked.Add(ref _signals, -seen) != 0);
    }

    private async Task<bool> WriteRoundAsync()
    {
        _round.Clear();
        _roundBytes = 0;
        if (_closeWritten)
        {
            return false;
        }
        TakeOwn();
        var closing = (CloseCode)Volatile.Read(ref _closing);
        if (closing != 0)
        {
            AddToRound(WireFrame.EncodeClose(closing));
            _closeWritten = true;
        }
        else
        {
            while (_roundBytes < RoundBytes && NextDirty() is { } subscription)
            {
                await TakeEventsAsync(subscription);
            }
        }
        if (_round.Count == 0)
        {
            return false;
        }
        Volatile.Write(ref _writingSince, _time.GetTimestamp());
        await WriteAsync();
        Volatile.Write(ref _writingSince, 0);
        if (_closeWritten)
        {
            _written.TrySetResult();
        }
        return true;
    }

    private void TakeOwn()
    {
        lock (_gate)
        {
            foreach (var frame in _own)
            {
                AddToRound(frame);
            }
            _own.Clear();
            _ownBytes = 0;
        }
    }

    private Subscription? NextDirty()
    {
        lock (_gate)
        {
            return _dirty.TryDequeue(out var subscription) ? subscription : null;
        }
    }

    private async ValueTask TakeEventsAsync(Subscription subscription)
    {
        subscription.BeginTake();
        if (!subscription.IsLive)
        {
            return;
        }
        _events.Clear();
        var state = subscription.Feed.Take(subscription, _events, RoundBytes);
        if (state == FeedState.Lost)
        {
            await RefillAsync(subscription);
        }
        foreach (var item in _events)
        {
            if (item.Rev > subscription.LastRev + 1)
            {
                await RefillAsync(subscription);
            }
            AddEvent(subscription, item);
        }
        if (state != FeedState.UpToDate)
        {
            subscription.Wake();
        }
    }

    /// <summary>Reads from the database what the ring no longer holds. One bounded piece: what remains shows as a gap again.</summary>
    private async ValueTask RefillAsync(Subscription subscription)
    {
        if (subscription.Refill is null)
        {
            return;
        }
        Refill refill;
        do
        {
            refill = await subscription.Refill(subscription.LastRev, Ended);
            foreach (var item in refill.Events)
            {
                AddToRound(item.For(IsPlain));
            }
            subscription.Reached(Math.Max(subscription.LastRev, refill.Rev));
            if (refill.More && _roundBytes > RoundBytes)
            {
                // Written in pieces, so that catching up on much costs as little memory as on little.
                await WriteAsync();
                _round.Clear();
                _roundBytes = 0;
            }
        } while (refill.More && !IsClosing);
    }

    private void AddEvent(Subscription subscription, EncodedEvent item)
    {
        if (item.Rev > 0)
        {
            if (item.Rev <= subscription.LastRev)
            {
                return;
            }
            subscription.Reached(item.Rev);
        }
        AddToRound(item.For(IsPlain));
    }

    private void AddToRound(ReadOnlyMemory<byte> frame)
    {
        if (!frame.IsEmpty)
        {
            _round.Add(frame);
            _roundBytes += frame.Length;
        }
    }

    private async ValueTask WriteAsync()
    {
        if (_round.Count == 0)
        {
            return;
        }
        if (_round.Count == 1)
        {
            // The frame's own memory, shared by all who get it.
            await _stream.WriteAsync(_round[0], Ended);
            return;
        }
        var buffer = ArrayPool<byte>.Shared.Rent(_roundBytes);
        try
        {
            var length = 0;
            foreach (var frame in _round)
            {
                frame.CopyTo(buffer.AsMemory(length));
                length += frame.Length;
            }
            await _stream.WriteAsync(buffer.AsMemory(0, length), Ended);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
