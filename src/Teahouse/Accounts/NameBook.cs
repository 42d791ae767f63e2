using Microsoft.Extensions.Caching.Memory;

namespace Teahouse.Accounts;

/// <summary>Remembers for a short while which names look like a user's, so that a guest's every message need not ask the database.
/// What this process changes is seen at once. Thread-safe.</summary>
internal sealed class NameBook(AccountQueries queries) : IDisposable
{
    // Another process's new accounts are noticed after this.
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(10);

    private readonly MemoryCache _taken = new(new MemoryCacheOptions { SizeLimit = 10_000 });
    private long _generation;
    private volatile bool _hasAccounts;

    /// <summary>True once there is an account; it stays true.</summary>
    public async ValueTask<bool> HasAccountsAsync(CancellationToken ct) => _hasAccounts || (_hasAccounts = await queries.AnyAsync(ct));

    /// <summary>True when a user's name is the same as <paramref name="name"/> or looks like it.</summary>
    public async ValueTask<bool> IsTakenAsync(string name, CancellationToken ct)
    {
        if (_taken.TryGetValue(name, out bool isTaken))
        {
            return isTaken;
        }
        var generation = Volatile.Read(ref _generation);
        isTaken = await queries.FindNameLikeAsync(name, ct) is not null;
        // What was read before a change must not outlive it.
        if (generation == Volatile.Read(ref _generation))
        {
            _taken.Set(name, isTaken, new MemoryCacheEntryOptions { Size = 1, AbsoluteExpirationRelativeToNow = Lifetime });
            if (generation != Volatile.Read(ref _generation))
            {
                _taken.Remove(name);
            }
        }
        return isTaken;
    }

    /// <summary>To be called when names have changed.</summary>
    public void Forget()
    {
        Interlocked.Increment(ref _generation);
        _taken.Clear();
    }

    public void Dispose() => _taken.Dispose();
}
