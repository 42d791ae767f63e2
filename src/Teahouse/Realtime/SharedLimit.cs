using System.Threading.RateLimiting;

namespace Teahouse.Realtime;

/// <summary>A limit for each of many keys, of which every node takes its part. What was used elsewhere in the last tenth of a second is not known yet. Made by <see cref="SharedLimits"/>. Thread-safe.</summary>
public sealed class SharedLimit
{
    private readonly SharedLimits _all;
    private readonly string _name;
    private readonly Func<RateLimiter>? _create;

    internal SharedLimit(SharedLimits all, string name, Func<RateLimiter>? create) => (_all, _name, _create) = (all, name, create);

    /// <summary>Takes one of the key's permits.</summary>
    /// <param name="key">Whose.</param>
    /// <param name="wait">What to answer when it is not known how long it takes to get another.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.RateLimited"/> with the time to wait.</exception>
    public void Take(string key, TimeSpan wait)
    {
        if (_create is null)
        {
            return;
        }
        using var lease = _all.Acquire(this, key);
        if (!lease.IsAcquired)
        {
            throw new RefusedException(Refusal.RateLimited) { RetryAfter = lease.TryGetMetadata(MetadataName.RetryAfter, out var known) ? known : wait };
        }
        _all.Count(_name, key);
    }

    /// <summary>What one key has. Not called where there is no limit.</summary>
    internal RateLimiter Create() => _create?.Invoke() ?? throw new InvalidOperationException("There is no limit.");

    /// <summary>Takes what another node has used.</summary>
    internal void Use(string key, int count)
    {
        // One by one: what is more than there is left takes what there is.
        for (var used = 0; used < count; used++)
        {
            using var lease = _all.Acquire(this, key);
            if (!lease.IsAcquired)
            {
                return;
            }
        }
    }
}
