using System.Collections.Concurrent;

namespace Teahouse.Accounts;

/// <summary>Sessions looked up a moment ago, so that a page's many requests ask the database once. What this process ends is forgotten at
/// once; what another one ends, after <see cref="Lifetime"/>. Thread-safe.</summary>
internal sealed class SessionCache(TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(2);
    private const int Capacity = 20_000;

    private readonly ConcurrentDictionary<string, Entry> _entries = new();
    private long _generation;

    /// <summary>To be read before the database is asked; see <see cref="Keep"/>.</summary>
    public long Generation => Volatile.Read(ref _generation);

    public SignedIn? Find(string keyHash) =>
        _entries.TryGetValue(keyHash, out var entry) && clock.GetElapsedTime(entry.At) < Lifetime ? entry.SignedIn : null;

    /// <summary>Keeps a row, unless something was forgotten after <paramref name="generation"/>: the row may have been read before that.</summary>
    public void Keep(SignedIn signedIn, long generation)
    {
        if (_entries.Count >= Capacity)
        {
            _entries.Clear();
        }
        var entry = new Entry(signedIn, clock.GetTimestamp());
        _entries[signedIn.KeyHash] = entry;
        if (generation != Generation)
        {
            _entries.TryRemove(new KeyValuePair<string, Entry>(signedIn.KeyHash, entry));
        }
    }

    public void Forget(string keyHash)
    {
        Interlocked.Increment(ref _generation);
        _entries.TryRemove(keyHash, out _);
    }

    /// <summary>Forgets the user's sessions, because what they say of the user has changed.</summary>
    public void ForgetUser(long userId)
    {
        Interlocked.Increment(ref _generation);
        foreach (var pair in _entries)
        {
            if (pair.Value.SignedIn.UserId == userId)
            {
                _entries.TryRemove(pair);
            }
        }
    }

    private sealed record Entry(SignedIn SignedIn, long At);
}
