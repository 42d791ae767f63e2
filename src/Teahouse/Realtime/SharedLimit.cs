using System.Threading.RateLimiting;
using Teahouse.Web;

namespace Teahouse.Realtime;

/// <summary>A limit for each of many keys, of which every node takes its part. What was used elsewhere in the last tenth of a second is not known yet. Thread-safe.</summary>
public sealed class SharedLimit
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    private readonly SharedCounts _counts;
    private readonly string _name;
    private readonly KeyedLimiters<string>? _limiters;

    /// <param name="counts">Tells the other nodes, and hears of them.</param>
    /// <param name="name">The same on every node, and no other limit's.</param>
    /// <param name="create">Makes what one key has, as of <see cref="KeyedLimiters{TKey}"/>; null for no limit.</param>
    public SharedLimit(SharedCounts counts, string name, Func<RateLimiter>? create)
    {
        (_counts, _name) = (counts, name);
        if (create is not null)
        {
            _limiters = new KeyedLimiters<string>(_ => create(), Idle);
            counts.Share(name, (key, count) => Use(_limiters, key, count));
        }
    }

    /// <summary>Takes one of the key's permits.</summary>
    /// <param name="key">Whose.</param>
    /// <param name="wait">What to answer when it is not known how long it takes to get another.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.RateLimited"/> with the time to wait.</exception>
    public void Take(string key, TimeSpan wait)
    {
        if (_limiters is null)
        {
            return;
        }
        using var lease = _limiters.Take(key);
        if (!lease.IsAcquired)
        {
            throw new RefusedException(Refusal.RateLimited) { RetryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var known) ? known : wait };
        }
        _counts.Count(_name, key);
    }

    /// <summary>Takes what another node has used.</summary>
    private static void Use(KeyedLimiters<string> limiters, string key, int count)
    {
        // One by one: what is more than there is left takes what there is.
        for (var used = 0; used < count; used++)
        {
            using var lease = limiters.Take(key);
            if (!lease.IsAcquired)
            {
                return;
            }
        }
    }
}
