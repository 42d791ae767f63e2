using System.Buffers;

namespace Teahouse.Realtime;

/// <summary>Acts on one text frame. The outer task is awaited before the next frame is read, so that a client's own order holds; the inner one is what may
/// still be under way (a commit and its ack).</summary>
public delegate ValueTask<Task> HandleText(ReadOnlyMemory<byte> text);

/// <summary>The reading loop and the care for the peer's signs of life.</summary>
public sealed partial class Connection
{
    private const int BufferBytes = 4096;

    /// <summary>Frames of one client that may be under way at once.</summary>
    private const int MaxUnderWay = 64;

    private static readonly TimeSpan QuietAfterRefusal = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(5);

    private readonly Queue<Task> _underWay = [];
    private long _pingedAt;
    private long _pongedAt;
    private long _heartbeatAt;
    private bool _awaitingPong;

    /// <summary>Reads until either side closes, then waits for the closing handshake to be written. Returns when the socket may be dropped.</summary>
    public async Task RunAsync(HandleText handle)
    {
        try
        {
            var whole = await ReadAsync(handle);
            await _written.Task.WaitAsync(CloseGrace, _time);
            if (!whole)
            {
                await DiscardAsync();
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or TimeoutException)
        {
            // The peer has gone, or takes nothing any more.
            Abort();
        }
        finally
        {
            // No abort here: it would throw away a closing frame that is still on its way.
            MarkDead();
            await _ended.CancelAsync();
        }
    }

    /// <summary>Returns false when the peer broke the protocol, so that what else it sends cannot be understood.</summary>
    private async Task<bool> ReadAsync(HandleText handle)
    {
        using var reader = new FrameReader(_settings.FrameBytes == 0 ? int.MaxValue / 2 : _settings.FrameBytes);
        byte[]? buffer = null;
        var start = 0;
        var end = 0;
        try
        {
            while (true)
            {
                if (start == end && buffer is not null)
                {
                    // Nothing is held while the client is quiet.
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = null;
                    start = end = 0;
                    reader.Trim();
                }
                if (buffer is null)
                {
                    _ = await _stream.ReadAsync(Memory<byte>.Empty, Ended);
                    buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
                }
                MakeRoom(ref buffer, ref start, ref end);
                var count = await _stream.ReadAsync(buffer.AsMemory(end), Ended);
                if (count == 0)
                {
                    MarkDead();
                    return true;
                }
                end += count;
                while (start < end)
                {
                    var kind = reader.Read(buffer.AsMemory(start, end - start), out var consumed, out var payload);
                    if (kind == InboundKind.Incomplete)
                    {
                        break;
                    }
                    if (await ActAsync(kind, payload, reader, handle))
                    {
                        return kind != InboundKind.Violation;
                    }
                    start += consumed;
                }
            }
        }
        finally
        {
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Returns true when nothing more is to be read.</summary>
    private async ValueTask<bool> ActAsync(InboundKind kind, ReadOnlyMemory<byte> payload, FrameReader reader, HandleText handle)
    {
        switch (kind)
        {
            case InboundKind.Text when !IsClosing:
                await TrackAsync(await handle(payload));
                return false;
            case InboundKind.Ping when !IsClosing:
                SendFrame(WireFrame.Encode(WireFrame.Pong, payload.Span));
                return false;
            case InboundKind.Pong:
                Volatile.Write(ref _pongedAt, _time.GetTimestamp());
                Volatile.Write(ref _awaitingPong, false);
                return false;
            case InboundKind.Close:
                // Answered with the same code; when we began, this is the answer.
                Close(reader.PeerCode);
                return true;
            case InboundKind.Violation:
                Close(reader.Violation);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Takes what the peer had under way when it was refused: closing with unread bytes would reset the connection, and the peer would never
    /// see why. Ends when it is quiet or gone.</summary>
    private async Task DiscardAsync()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var until = _time.GetTimestamp() + (long)(CloseGrace.TotalSeconds * _time.TimestampFrequency);
            while (_time.GetTimestamp() < until)
            {
                using var quiet = CancellationTokenSource.CreateLinkedTokenSource(Ended);
                quiet.CancelAfter(QuietAfterRefusal);
                if (await _stream.ReadAsync(buffer, quiet.Token) == 0)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (!Ended.IsCancellationRequested)
        {
            // Quiet: it has seen why by now.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async ValueTask TrackAsync(Task work)
    {
        if (!work.IsCompleted)
        {
            _underWay.Enqueue(work);
        }
        while (_underWay.TryPeek(out var oldest) && (oldest.IsCompleted || _underWay.Count > MaxUnderWay))
        {
            await _underWay.Dequeue();
        }
    }

    /// <summary>Moves what is unread to the front, and into a larger buffer when a frame fills the whole one. Growth is bounded: the reader refuses a frame
    /// over the limit by its header.</summary>
    private static void MakeRoom(ref byte[] buffer, ref int start, ref int end)
    {
        if (end < buffer.Length)
        {
            return;
        }
        var target = start == 0 ? ArrayPool<byte>.Shared.Rent(buffer.Length * 2) : buffer;
        buffer.AsSpan(start, end - start).CopyTo(target);
        if (target != buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = target;
        }
        end -= start;
        start = 0;
    }

    /// <summary>Called about once a second: pings, and ends a peer that is silent, stalled, too far behind or not closing.</summary>
    internal void Care()
    {
        var now = _time.GetTimestamp();
        var writingSince = Volatile.Read(ref _writingSince);
        var stalled = writingSince != 0 && _time.GetElapsedTime(writingSince, now) > _settings.Stall;
        if (IsClosing)
        {
            if (stalled || _time.GetElapsedTime(Volatile.Read(ref _closingAt), now) > CloseGrace)
            {
                Abort();
            }
            return;
        }
        if (stalled || (writingSince != 0 && BytesBehind() > MaxOwnBytes))
        {
            // The close frame goes out if the peer takes what is being written within the grace.
            Close(CloseCode.TooSlow);
        }
        else if (Volatile.Read(ref _awaitingPong))
        {
            if (_time.GetElapsedTime(_pingedAt, now) > _settings.Pong)
            {
                Close(CloseCode.NoPong);
            }
        }
        else if (_time.GetElapsedTime(_pingedAt, now) > _settings.Ping)
        {
            _pingedAt = now;
            Volatile.Write(ref _awaitingPong, true);
            SendFrame(WireFrame.Encode(WireFrame.Ping, []));
        }
    }

    /// <summary>True once each heartbeat interval.</summary>
    internal bool IsHeartbeatDue()
    {
        var now = _time.GetTimestamp();
        if (IsPlain || IsClosing || _time.GetElapsedTime(_heartbeatAt, now) < _settings.Heartbeat)
        {
            return false;
        }
        _heartbeatAt = now;
        return true;
    }

    private long BytesBehind()
    {
        lock (_gate)
        {
            var behind = (long)_ownBytes;
            foreach (var subscription in _subscriptions.Values)
            {
                behind += subscription.IsLive ? subscription.Feed.TotalBytes - subscription.BytesSeen : 0;
            }
            return behind;
        }
    }
}
