using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Teahouse.Accounts;

/// <summary>Remembers for a minute which name and password were right together, so that a script's every call need not pay the slow hash. Kept as a hash keyed with a secret of this
/// process, in memory only. Thread-safe.</summary>
internal sealed class PasswordPairs(TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);
    private const int Capacity = 10_000;

    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, Entry> _known = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<User?>>> _underWay = new();

    private sealed record Entry(long UserId, string SecurityStamp, long At);

    /// <summary>What stands for the pair here.</summary>
    public string Seal(string nameKey, string password) =>
        // A name holds no zero, so no two pairs are written alike.
        Convert.ToHexString(HMACSHA256.HashData(_secret, Encoding.UTF8.GetBytes($"{nameKey}\0{password}")));

    /// <summary>True when the pair was right a moment ago and the user's credentials are the same still.</summary>
    public bool Knows(string pair, User user) =>
        _known.TryGetValue(pair, out var entry) && clock.GetElapsedTime(entry.At) < Lifetime && entry.UserId == user.Id && entry.SecurityStamp == user.SecurityStamp;

    /// <summary>Runs <paramref name="verify"/>, once for however many requests ask at the same time, and remembers the pair when it was right.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.RateLimited"/>.</exception>
    public async Task<User?> VerifyOnceAsync(string pair, Func<Task<User?>> verify)
    {
        var mine = new Lazy<Task<User?>>(verify);
        var verifying = _underWay.GetOrAdd(pair, mine);
        try
        {
            var user = await verifying.Value;
            if (user is not null && verifying == mine)
            {
                if (_known.Count >= Capacity)
                {
                    _known.Clear();
                }
                _known[pair] = new Entry(user.Id, user.SecurityStamp, clock.GetTimestamp());
            }
            return user;
        }
        finally
        {
            _underWay.TryRemove(KeyValuePair.Create(pair, verifying));
        }
    }
}
