using System.Buffers;

namespace Teahouse.Realtime;

/// <summary>The writing pump: everything the client lacks, in as few writes as possible. Whoever raises <c>_signals</c> from 0 owns it until it is 0 again.</summary>
public sealed partial class Connection
{
    /// <summary>About the most bytes of one write. Small enough that a slow but living client finishes one within the stall limit.</summary>
    internal const int RoundBytes = 32 * 1024;

    // These belong to the pump's owner.
    private List<ReadOnlyMemory<byte>>? _round;
    private int _roundBytes;
    private ReadOnlyMemory<byte> _rest;
    private bool _closeWritten;

    private long _writingSince;

    private async Task PumpAsync()
    {
        int seen;
        if (_hasStopped)
        {
            ForgetStopped();
        }
        do
        {
            seen = Volatile.Read(ref _signals);
            try
            {
                bool wrote;
                do
                {
                    var writing = WriteRoundAsync();
                    if (!writing.IsCompleted)
                    {
                        // Nobody may write between its pieces.
                        LeaveStep();
                    }
                    wrote = await writing;
                } while (wrote);
            }
            catch (RefusedException)
            {
                // The database is away: the client comes back for what it lacks. What it is to get before stands in the round still.
                Close(CloseCode.Restart);
            }
#pragma warning disable CA1031 // Whatever it is: a socket that is never written to again and stays open would be worse.
            catch (Exception e)
#pragma warning restore CA1031
            {
                if (e is not (IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException))
                {
                    Failed?.Invoke(e);
                }
                // Else the peer has gone, and the reading side finds out by itself.
                LeaveStep();
                Abort();
            }
            // Signals that came meanwhile belong to another turn of the same pump.
        } while (Interlocked.Add(ref _signals, -seen) != 0);
    }

    private async ValueTask<bool> WriteRoundAsync()
    {
        if (_closeWritten)
        {
            return false;
        }
        if (!_rest.IsEmpty)
        {
            await WriteAsync(_rest);
            _rest = default;
            Volatile.Write(ref _writingSince, 0);
        }
        TakeOwn();
        var closing = (CloseCode)Volatile.Read(ref _closing);
        if (closing != 0)
        {
            AddToRound(WireFrame.EncodeClose(closing));
            _closeWritten = true;
            LeaveStep();
        }
        else
        {
            // What was read from the database may have been written already: whoever is to go meanwhile gets no more of it.
            while (_roundBytes < RoundBytes && !IsClosing && NextDirty() is { } subscription)
            {
                await TakeEventsAsync(subscription);
            }
        }
        if (_roundBytes == 0)
        {
            return false;
        }
        await WriteAsync();
        if (_closeWritten)
        {
            _wire.OnCloseWritten();
        }
        return true;
    }

    private void TakeOwn()
    {
        lock (_gate)
        {
            if (_own is null)
            {
                return;
            }
            if (_round is null)
            {
                _round = _own;
                _roundBytes = _ownBytes;
            }
            else
            {
                foreach (var frame in _own)
                {
                    AddToRound(frame);
                }
            }
            // Idle connections hold no lists.
            _own = null;
            _ownBytes = _newestOwnBytes = 0;
            _ownTaken?.TrySetResult();
            _ownTaken = null;
        }
    }

    private Subscription? NextDirty()
    {
        lock (_gate)
        {
            return _dirty is not null && _dirty.TryDequeue(out var subscription) ? subscription : null;
        }
    }

    private async ValueTask TakeEventsAsync(Subscription subscription)
    {
        subscription.BeginTake();
        if (!subscription.IsLive)
        {
            return;
        }
        var events = new List<EncodedEvent>();
        var state = subscription.Feed.Take(subscription, events, RoundBytes);
        if (state == FeedState.Lost)
        {
            await RefillAsync(subscription);
        }
        foreach (var item in events)
        {
            if (item.Rev > subscription.LastRev + 1)
            {
                await RefillAsync(subscription);
            }
            if (!subscription.IsLive)
            {
                return;
            }
            AddEvent(subscription, item);
        }
        if (state != FeedState.UpToDate)
        {
            subscription.Wake();
        }
    }

    /// <summary>Reads from the database what the ring no longer holds, in bounded pieces, as far as the room has come by then.</summary>
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
            if (!subscription.IsLive)
            {
                // Put out of the room, or gone, while it was read.
                return;
            }
            foreach (var item in refill.Events)
            {
                AddToRound(item.For(IsPlain));
            }
            Delivered += refill.Events.Count;
            subscription.Reached(Math.Max(subscription.LastRev, refill.Rev));
            if (refill.More && _roundBytes > RoundBytes)
            {
                // Written in pieces, so that catching up on much costs as little memory as on little.
                await WriteAsync();
                // Acks, pongs and heartbeats do not wait for the end of it.
                TakeOwn();
            }
        } while (refill.More && !IsClosing && subscription.IsLive);
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
        Delivered++;
        AddToRound(item.For(IsPlain));
    }

    private void AddToRound(ReadOnlyMemory<byte> frame)
    {
        if (!frame.IsEmpty)
        {
            (_round ??= []).Add(frame);
            _roundBytes += frame.Length;
        }
    }

    private async ValueTask WriteAsync()
    {
        if (_round is null || _roundBytes == 0)
        {
            return;
        }
        var frames = _round;
        var bytes = _roundBytes;
        _round = null;
        _roundBytes = 0;
        if (frames.Count == 1)
        {
            // The frame's own memory, shared by all who get it.
            await WriteAsync(frames[0]);
            return;
        }
        var buffer = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            var length = 0;
            foreach (var frame in frames)
            {
                frame.CopyTo(buffer.AsMemory(length));
                length += frame.Length;
            }
            await WriteAsync(buffer.AsMemory(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        var writing = _wire.WriteAsync(bytes, Ended);
        return writing.IsCompleted ? writing : WaitForPeerAsync(writing);
    }

    /// <summary>The wire's word that the peer has taken a part of what it is being given: slow, but alive.</summary>
    internal void SeeTaken()
    {
        if (Volatile.Read(ref _writingSince) != 0)
        {
            Volatile.Write(ref _writingSince, _time.GetTimestamp());
        }
    }

    /// <summary>Only what the peer has not taken at once counts as waiting for it: a busy machine is not the peer's fault.</summary>
    private async ValueTask WaitForPeerAsync(ValueTask writing)
    {
        Volatile.Write(ref _writingSince, _time.GetTimestamp());
        await writing;
        Volatile.Write(ref _writingSince, 0);
    }
}
