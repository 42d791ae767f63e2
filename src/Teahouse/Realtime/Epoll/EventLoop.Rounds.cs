using System.Collections.Concurrent;
using System.Diagnostics;

namespace Teahouse.Realtime.Epoll;

/// <summary>Whole rooms at once.</summary>
internal sealed unsafe partial class EventLoop : IRounds
{
    /// <summary>About the most bytes of one batch: what a client that takes nothing may hold on to.</summary>
    private const int BatchBytes = 64 * 1024;

    /// <summary>Members served under one hold of a feed's lock.</summary>
    private const int MembersAtOnce = 128;

    private readonly ConcurrentQueue<Feed> _queuedFeeds = new();
    private readonly List<Feed> _feeds = [];
    private readonly List<Gathering> _gatherings = [];
    private readonly List<Stalled> _stalled = [];

    public void Enqueue(Feed feed)
    {
        _queuedFeeds.Enqueue(feed);
        WakeBatch.Wake(this);
    }

    public void Wake() => WakeBatch.Wake(this);

    public void Gather(Gathering gathering) => _gatherings.Add(gathering);

    public int Send(int handle, ReadOnlySpan<byte> bytes) => Taken(Native.Send(handle, bytes));

    public int Send(ReadOnlySpan<RoundTarget> to, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> v1, out int written)
    {
        written = 0;
        // The calls into the system are made right here: what makes a thread ready for them is done once for all.
        fixed (byte* plainStart = plain, v1Start = v1)
        {
            for (var i = to.Length - 1; i >= 0; i--)
            {
                var target = to[i];
                if (!target.IsInStep)
                {
                    return to.Length - 1 - i;
                }
                var length = target.IsPlain ? plain.Length : v1.Length;
                if (length > 0 && (written = Native.Send(target.Handle, target.IsPlain ? plainStart : v1Start, length)) != length)
                {
                    written = Taken(written);
                    return to.Length - 1 - i;
                }
            }
        }
        return to.Length;
    }

    /// <summary>Serves the feeds whose time has come and returns the milliseconds until the next one's; -1 when none waits.</summary>
    private int RunRounds()
    {
        // Rounds first: what is gathered now belongs to the next.
        var nextAt = ServeFeeds();
        nextAt = Math.Min(nextAt, EndGatherings());
        if (nextAt == long.MaxValue)
        {
            return -1;
        }
        var ticks = nextAt - Stopwatch.GetTimestamp();
        return ticks <= 0 ? 0 : (int)((ticks + (Stopwatch.Frequency / 1000) - 1) * 1000 / Stopwatch.Frequency);
    }

    /// <summary>Has stored what was gathered for long enough, and returns when the next is to be.</summary>
    private long EndGatherings()
    {
        var nextAt = long.MaxValue;
        // All of it is one group.
        using var holding = WakeBatch.Hold();
        for (var i = 0; i < _gatherings.Count;)
        {
            var gathering = _gatherings[i];
            var now = Stopwatch.GetTimestamp();
            var at = gathering.EndsAt(now);
            if (at > now && !_stopping)
            {
                nextAt = Math.Min(nextAt, at);
                i++;
                continue;
            }
            _gatherings.RemoveAt(i);
            gathering.End();
        }
        return nextAt;
    }

    /// <summary>Returns when the next is to be served.</summary>
    private long ServeFeeds()
    {
        while (_queuedFeeds.TryDequeue(out var queued))
        {
            _feeds.Add(queued);
        }
        var kept = 0;
        var nextAt = long.MaxValue;
        for (var i = 0; i < _feeds.Count; i++)
        {
            var feed = _feeds[i];
            var now = Stopwatch.GetTimestamp();
            var at = feed.Gathering.NextRoundAt(now);
            if (at <= now)
            {
                if (!Serve(feed, now))
                {
                    continue;
                }
                at = feed.Gathering.NextRoundAt(Stopwatch.GetTimestamp());
            }
            nextAt = Math.Min(nextAt, at);
            _feeds[kept++] = feed;
        }
        _feeds.RemoveRange(kept, _feeds.Count - kept);
        return nextAt;
    }

    /// <summary>One round. Returns true when there is more to deliver.</summary>
    private bool Serve(Feed feed, long now)
    {
        if (feed.TakeBatch(BatchBytes) is not { } batch)
        {
            return false;
        }
        feed.Gathering.Pace.Began(now);
        bool isMore;
        do
        {
            isMore = feed.Deliver(batch, MembersAtOnce, _stalled);
            foreach (var stalled in _stalled)
            {
                stalled.Connection.OnStalled(stalled);
            }
            _stalled.Clear();
        } while (isMore);
        feed.Gathering.Pace.Ended(Stopwatch.GetTimestamp());
        return feed.HasMoreForRounds;
    }

    private static int Taken(int result) => result is -Native.EAGAIN or -Native.EINTR ? 0 : Math.Max(result, -1);
}
