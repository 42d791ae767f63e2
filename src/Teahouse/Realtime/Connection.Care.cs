namespace Teahouse.Realtime;

/// <summary>The care for the peer's signs of life.</summary>
public sealed partial class Connection
{
    /// <summary>What is behind something that was done is read within this time. No longer: who asks for something now and then has to answer pings all the same.</summary>
    private static readonly TimeSpan NextInLine = TimeSpan.FromSeconds(3);

    private long _pingedAt;
    private long _heartbeatAt;
    private bool _awaitingPong;

    /// <summary>Called about once a second: pings, and ends a peer that is silent, stalled, too far behind or not closing.</summary>
    /// <param name="now">When everybody began to be looked at: should the program stand still since, that is known the next time.</param>
    internal void Care(long now)
    {
        var writingSince = Volatile.Read(ref _writingSince);
        var stalled = writingSince != 0 && _time.GetElapsedTime(writingSince, now) > _settings.Stall;
        if (IsClosing)
        {
            // Who was too slow gets as much time again to see why; nothing more is kept for it meanwhile than what was being written.
            var grace = Volatile.Read(ref _closing) == (int)CloseCode.TooSlow && _settings.Stall < TimeSpan.MaxValue ? _settings.Stall : CloseGrace;
            if (_time.GetElapsedTime(Volatile.Read(ref _closingAt), now) > grace)
            {
                Abort();
            }
            return;
        }
        if (stalled || (writingSince != 0 && BytesBehind() > MaxOwnBytes))
        {
            // The closing frame goes out if the peer takes what is being written within the grace.
            Close(CloseCode.TooSlow);
        }
        else if (Volatile.Read(ref _awaitingPong))
        {
            if (_time.GetElapsedTime(_pingedAt, now) > _settings.Pong && !IsPongBehind(writingSince, now))
            {
                Close(CloseCode.NoPong);
            }
        }
        else if (_time.GetElapsedTime(_pingedAt, now) > _settings.Ping)
        {
            _pingedAt = now;
            Volatile.Write(ref _awaitingPong, true);
            SendFrame(WireFrame.EmptyPing);
        }
    }

    /// <summary>True while its pong may be unread, behind what it has asked for: that is being done, or was a moment ago. Not of a peer that takes nothing.</summary>
    private bool IsPongBehind(long writingSince, long now) =>
        (writingSince == 0 || _time.GetElapsedTime(writingSince, now) <= _settings.Pong)
        && (Volatile.Read(ref _actingOn) > 0 || _time.GetElapsedTime(Volatile.Read(ref _actedAt), now) <= NextInLine);

    /// <summary>This program stood still for so long: that is not the peer's silence.</summary>
    internal void Excuse(TimeSpan stood)
    {
        var ticks = (long)(stood.TotalSeconds * _time.TimestampFrequency);
        _pingedAt += ticks;
        Volatile.Write(ref _actedAt, Math.Min(Volatile.Read(ref _actedAt) + ticks, _time.GetTimestamp()));
        if (Volatile.Read(ref _writingSince) is var since and not 0)
        {
            // What began after it has waited for less; what has ended meanwhile is over.
            Interlocked.CompareExchange(ref _writingSince, Math.Min(since + ticks, _time.GetTimestamp()), since);
        }
    }

    /// <summary>The peer has answered, or is of a kind that cannot.</summary>
    internal void SeeLife() => Volatile.Write(ref _awaitingPong, false);

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

    // But for the newest of its own frames: see MaxOwnBytes.
    private long BytesBehind() =>
        Volatile.Read(ref _ownBytes) - Volatile.Read(ref _newestOwnBytes) + ListSubscriptions().Where(static subscription => subscription.IsLive).Sum(static subscription => subscription.Feed.BytesBehind(subscription));
}
