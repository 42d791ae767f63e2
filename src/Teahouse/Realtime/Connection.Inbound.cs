namespace Teahouse.Realtime;

/// <summary>Acts on one text frame. The outer task is awaited before the next frame is read, so that a client's own order holds; the inner one is what may
/// still be under way (a commit and its ack).</summary>
public delegate ValueTask<Task> HandleText(ReadOnlyMemory<byte> text);

/// <summary>What the peer's frames do.</summary>
public sealed partial class Connection
{
    /// <summary>Frames of one client that may be under way at once.</summary>
    private const int MaxUnderWay = 64;

    /// <summary>Control frames and fragments for each second. Each takes its time from everybody, and none is paid for as messages are.</summary>
    private const int LooseFramesPerSecond = 1000;

    /// <summary>How many seconds' worth of them may come at once.</summary>
    private const int LooseSecondsAtOnce = 5;

    private Queue<Task>? _underWay;
    private long _looseUntil;

    // Frames that are being acted on: the one in hand and those whose commit is under way.
    private int _actingOn;

    // When one was done last while a pong was waited for.
    private long _actedAt;
    private long _lastTextAt;

    internal FrameReader CreateReader() => new(_settings.FrameBytes == 0 ? int.MaxValue / 2 : _settings.FrameBytes);

    /// <summary>Acts on one frame; the payload must live until the result has come. Returns true when nothing more is to be read. Called by the wire, one call at a time.</summary>
    internal ValueTask<bool> ActAsync(InboundKind kind, ReadOnlyMemory<byte> payload, FrameReader reader, HandleText handle)
    {
        switch (kind)
        {
            case InboundKind.Text when !IsClosing:
                return HandleAsync(payload, handle);
            case InboundKind.Ping or InboundKind.Pong or InboundKind.Fragment when IsTooLoose():
                Close(CloseCode.Flooding);
                return ValueTask.FromResult(false);
            case InboundKind.Ping when !IsClosing:
                SendFrame(WireFrame.Encode(WireFrame.Pong, payload.Span));
                return ValueTask.FromResult(false);
            case InboundKind.Pong:
                SeeLife();
                return ValueTask.FromResult(false);
            case InboundKind.Close:
                // Answered with the same code; when we began, this is the answer.
                Close(reader.PeerCode);
                return ValueTask.FromResult(true);
            case InboundKind.Violation:
                Close(reader.Violation);
                return ValueTask.FromResult(true);
            default:
                return ValueTask.FromResult(false);
        }
    }

    /// <summary>True when nothing has come for <paramref name="quiet"/> since <paramref name="since"/> and all that came before is settled and answered.</summary>
    internal bool IsSettled(long since, TimeSpan quiet) =>
        Volatile.Read(ref _actingOn) == 0 && _time.GetElapsedTime(Math.Max(since, Volatile.Read(ref _lastTextAt))) >= quiet;

    /// <summary>Something the client asked for is under way, until <see cref="EndActing"/>.</summary>
    internal void BeginActing() => Interlocked.Increment(ref _actingOn);

    internal void EndActing()
    {
        if (Volatile.Read(ref _awaitingPong))
        {
            Volatile.Write(ref _actedAt, _time.GetTimestamp());
        }
        Interlocked.Decrement(ref _actingOn);
    }

    private async ValueTask<bool> HandleAsync(ReadOnlyMemory<byte> payload, HandleText handle)
    {
        BeginActing();
        if (IsDraining)
        {
            Volatile.Write(ref _lastTextAt, _time.GetTimestamp());
        }
        try
        {
            Task work;
            try
            {
                work = await handle(payload);
            }
            finally
            {
                EndActing();
            }
            if (!work.IsCompleted)
            {
                (_underWay ??= []).Enqueue(work);
            }
            while (_underWay is not null && _underWay.TryPeek(out var oldest) && oldest.IsCompleted)
            {
                await _underWay.Dequeue();
            }
            while (_underWay?.Count > MaxUnderWay)
            {
                // Elsewhere: who settles it may be the one thread that writes, and is not to be kept by what this client sends next.
                await _underWay.Dequeue().ContinueWith(static done => done, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).Unwrap();
            }
        }
#pragma warning disable CA1031 // Whatever it is: a socket that is read no more and says nothing would be worse, and its client comes back.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            Failed?.Invoke(e);
            Close(CloseCode.Failed);
        }
        return false;
    }

    private bool IsTooLoose()
    {
        var now = _time.GetTimestamp();
        _looseUntil = Math.Max(_looseUntil, now) + (_time.TimestampFrequency / LooseFramesPerSecond);
        return _looseUntil - now > _time.TimestampFrequency * LooseSecondsAtOnce;
    }
}
