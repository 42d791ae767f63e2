using Teahouse.Web;

namespace Teahouse.Realtime;

/// <summary>A limit for each of many keys, of which every node takes its part. What was used elsewhere in the last tenth of a second is not known yet; when it is, it is owed, and nothing is given
/// until it is paid: over any longer time all nodes together give no more than one would. Thread-safe.</summary>
public sealed class SharedLimit
{
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    private readonly SharedCounts _counts;
    private readonly string _name;
    private readonly KeyedLimiters<string>? _limiters;

    /// <param name="counts">Tells the other nodes, and hears of them.</param>
    /// <param name="name">The same on every node, and no other limit's.</param>
    /// <param name="permits">How many come back in each <paramref name="period"/>; 0 for no limit.</param>
    /// <param name="period">See above.</param>
    /// <param name="burst">How many may be used at once.</param>
    public SharedLimit(SharedCounts counts, string name, int permits, TimeSpan period, int burst)
    {
        (_counts, _name) = (counts, name);
        if (permits > 0)
        {
            _limiters = new KeyedLimiters<string>(() => new TokenBucket(Math.Max(burst, 1), permits / period.TotalSeconds), Idle);
            counts.Share(name, _limiters.Owe);
        }
    }

    /// <summary>Takes one of the key's permits.</summary>
    /// <param name="key">Whose.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.RateLimited"/> with the time to wait.</exception>
    public void Take(string key)
    {
        if (_limiters is null)
        {
            return;
        }
        if (!_limiters.TryTake(key, out var wait))
        {
            throw new RefusedException(Refusal.RateLimited) { RetryAfter = wait };
        }
        _counts.Count(_name, key);
    }
}
