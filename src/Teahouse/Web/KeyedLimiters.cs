using System.Collections.Concurrent;

namespace Teahouse.Web;

/// <summary>A bucket for each of many keys. The framework's partitioned limiter keeps a timer that wakes ten times a second for ever, and fills buckets only then; here whoever asks has them filled, and
/// those that nobody used for a while are put away by who asks later. Thread-safe.</summary>
/// <param name="create">Makes what one key has.</param>
/// <param name="idle">How long a key must be idle to be put away, and how long that is not looked for again.</param>
public sealed class KeyedLimiters<TKey>(Func<TokenBucket> create, TimeSpan idle) where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, TokenBucket> _buckets = new();
    private long _lookAt = Environment.TickCount64 + (long)idle.TotalMilliseconds;

    /// <summary>How many keys are remembered.</summary>
    internal int Count => _buckets.Count;

    /// <summary>Takes one of the key's permits. Returns false when there is none, and after which time there will be one.</summary>
    public bool TryTake(TKey key, out TimeSpan wait) => Find(key).TryTake(out wait);

    /// <summary>Takes what was used of the key's permits elsewhere, also beyond what is left: see <see cref="TokenBucket.Owe"/>.</summary>
    public void Owe(TKey key, int count) => Find(key).Owe(count);

    /// <summary>How many permits the key has.</summary>
    public long Left(TKey key) => Find(key).Left;

    private TokenBucket Find(TKey key)
    {
        var lookAt = Interlocked.Read(ref _lookAt);
        var now = Environment.TickCount64;
        if (now >= lookAt && Interlocked.CompareExchange(ref _lookAt, now + (long)idle.TotalMilliseconds, lookAt) == lookAt)
        {
            PutAway();
        }
        return _buckets.TryGetValue(key, out var bucket) ? bucket : _buckets.GetOrAdd(key, create());
    }

    /// <summary>A bucket that was idle is as good as a new one: whoever takes from it at this moment loses nothing, and gets no more than a new one's.</summary>
    private void PutAway()
    {
        foreach (var (key, bucket) in _buckets)
        {
            if (bucket.IsIdle(idle))
            {
                _buckets.TryRemove(KeyValuePair.Create(key, bucket));
            }
        }
    }
}
