using System.Threading.RateLimiting;

namespace Teahouse.Realtime;

/// <summary>All limits that count over all nodes. Their keys are the partitions of one limiter, as each limiter of that kind has a timer that wakes ten times a second for ever. Thread-safe.</summary>
public sealed class SharedLimits(SharedCounts counts) : IDisposable
{
    private readonly PartitionedRateLimiter<LimitedKey> _limiter =
        PartitionedRateLimiter.Create<LimitedKey, LimitedKey>(static key => RateLimitPartition.Get(key, static key => key.Limit.Create()));

    private readonly record struct LimitedKey(SharedLimit Limit, string Key);

    /// <summary>Makes a limit.</summary>
    /// <param name="name">The same on every node, and no other limit's.</param>
    /// <param name="create">Makes what one key has; it is filled by its user, or, when it replenishes, by the partitions' timer. Null for no limit.</param>
    public SharedLimit Add(string name, Func<RateLimiter>? create)
    {
        var limit = new SharedLimit(this, name, create);
        if (create is not null)
        {
            counts.Share(name, limit.Use);
        }
        return limit;
    }

    public void Dispose() => _limiter.Dispose();

    internal RateLimitLease Acquire(SharedLimit limit, string key) => _limiter.AttemptAcquire(new LimitedKey(limit, key));

    internal void Count(string name, string key) => counts.Count(name, key);
}
