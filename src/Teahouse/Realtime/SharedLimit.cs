using System.Threading.RateLimiting;

namespace Teahouse.Realtime;

/// <summary>A limit for each of many keys, of which every node takes its part. What was used elsewhere in the last tenth of a second is not known yet. Thread-safe.</summary>
public sealed class SharedLimit : IDisposable
{
    private readonly string _name;
    private readonly PartitionedRateLimiter<string> _limiter;
    private readonly SharedCounts _counts;

    /// <param name="name">The same on every node.</param>
    /// <param name="limiter">How much each key has; disposed of with this.</param>
    /// <param name="counts">Between the nodes.</param>
    public SharedLimit(string name, PartitionedRateLimiter<string> limiter, SharedCounts counts)
    {
        (_name, _limiter, _counts) = (name, limiter, counts);
        counts.Share(name, Use);
    }

    /// <summary>Takes one of the key's permits.</summary>
    /// <param name="key">Whose.</param>
    /// <param name="wait">What to answer when it is not known how long it takes to get another.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.RateLimited"/> with the time to wait.</exception>
    public void Take(string key, TimeSpan wait)
    {
        using var lease = _limiter.AttemptAcquire(key);
        if (!lease.IsAcquired)
        {
            throw new RefusedException(Refusal.RateLimited) { RetryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var known) ? known : wait };
        }
        _counts.Count(_name, key);
    }

    public void Dispose() => _limiter.Dispose();

    private void Use(string key, int count)
    {
        // One by one: what is more than there is left takes what there is.
        for (var used = 0; used < count; used++)
        {
            using var lease = _limiter.AttemptAcquire(key);
            if (!lease.IsAcquired)
            {
                return;
            }
        }
    }
}
