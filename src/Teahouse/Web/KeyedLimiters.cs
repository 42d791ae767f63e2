using System.Collections.Concurrent;
using System.Threading.RateLimiting;

namespace Teahouse.Web;

/// <summary>A limiter for each of many keys. The framework's partitioned limiter keeps a timer that wakes ten times a second for ever, and fills buckets only then; here whoever asks has them filled, and
/// those that nobody used for a while are put away by who asks later. Thread-safe.</summary>
/// <param name="create">Makes what one key has. A limiter that replenishes must not do so by itself.</param>
/// <param name="idle">How long a key must be idle to be put away, and how long that is not looked for again.</param>
public sealed class KeyedLimiters<TKey>(Func<TKey, RateLimiter> create, TimeSpan idle) where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, RateLimiter> _limiters = new();
    private long _lookAt = Environment.TickCount64 + (long)idle.TotalMilliseconds;

    /// <summary>How many keys are remembered.</summary>
    internal int Count => _limiters.Count;

    /// <summary>Takes one of the key's permits, if there is one.</summary>
    public RateLimitLease Take(TKey key) => Find(key).AttemptAcquire();

    /// <summary>How many permits the key has.</summary>
    public long Left(TKey key) => Find(key).GetStatistics()?.CurrentAvailablePermits ?? 0;

    private RateLimiter Find(TKey key)
    {
        var lookAt = Interlocked.Read(ref _lookAt);
        var now = Environment.TickCount64;
        if (now >= lookAt && Interlocked.CompareExchange(ref _lookAt, now + (long)idle.TotalMilliseconds, lookAt) == lookAt)
        {
            PutAway();
        }
        return Filled(_limiters.GetOrAdd(key, create));
    }

    /// <summary>A limiter that was idle is as good as a new one: whoever takes from it at this moment loses nothing, and gets no more than a new one's.</summary>
    private void PutAway()
    {
        foreach (var (key, limiter) in _limiters)
        {
            if (Filled(limiter).IdleDuration >= idle)
            {
                _limiters.TryRemove(KeyValuePair.Create(key, limiter));
            }
        }
    }

    private static RateLimiter Filled(RateLimiter limiter)
    {
        (limiter as ReplenishingRateLimiter)?.TryReplenish();
        return limiter;
    }
}
