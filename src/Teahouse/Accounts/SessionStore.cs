using System.Buffers.Text;
using System.Security.Cryptography;
using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>All SQL that writes <c>sessions</c>. Whatever ends one ends the sockets opened with it, once that is on disk. Thread-safe.</summary>
internal sealed class SessionStore(Db db, SessionCache cache, Notices notices, TimeProvider clock)
{
    private const string Insert = """
        INSERT INTO sessions (key_hash, user_id, created_at, last_seen_at, expires_at, user_agent, is_persistent, network)
        VALUES (@keyHash, @userId, @now, @now, @expiresAt, @userAgent, @isPersistent, @network)
        """;

    private const string Touch = "UPDATE sessions SET last_seen_at = @now, expires_at = @expiresAt WHERE id = @id";

    private const string DeleteOne = "DELETE FROM sessions WHERE id = @id AND user_id = @userId RETURNING id, key_hash";

    private const string DeleteOthers = "DELETE FROM sessions WHERE user_id = @userId AND id <> @keptId RETURNING id, key_hash";

    private const string DeleteExpired = "DELETE FROM sessions WHERE expires_at <= @now RETURNING id, key_hash";

    private const int MaxUserAgent = 300;

    /// <summary>What a copy of the database may know of a key.</summary>
    public static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key)));

    /// <summary>Begins a session and returns its key, which exists nowhere else.</summary>
    public async Task<string> BeginAsync(long userId, bool isPersistent, string userAgent, CancellationToken ct, string? network = null)
    {
        var key = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var now = clock.GetUtcNow();
        await db.WriteAsync(async session =>
        {
            await session.ExecuteAsync(Insert, new
            {
                keyHash = Hash(key),
                userId,
                now,
                expiresAt = now + SessionLifetime.Idle(isPersistent),
                userAgent = userAgent.Length <= MaxUserAgent ? userAgent : userAgent[..MaxUserAgent],
                isPersistent,
                network,
            });
            await UserStore.CancelDeletionAsync(session, userId);
        }, ct);
        return key;
    }

    /// <summary>Ends one session of the user. Returns false when there is none of that id.</summary>
    public Task<bool> EndAsync(long userId, long id, CancellationToken ct) =>
        db.WriteAsync(session => EndAsync(session, userId, id), ct);

    /// <summary>The same in the caller's transaction.</summary>
    public async Task<bool> EndAsync(DbSession session, long userId, long id) => await ForgetAsync(session, await session.QueryAsync<Ended>(DeleteOne, new { id, userId }));

    /// <summary>Ends the user's sessions but <paramref name="keptId"/>.</summary>
    public Task<bool> EndOthersAsync(long userId, long? keptId, CancellationToken ct) =>
        db.WriteAsync(session => EndOthersAsync(session, userId, keptId), ct);

    /// <summary>The same in the caller's transaction.</summary>
    public async Task<bool> EndOthersAsync(DbSession session, long userId, long? keptId) =>
        await ForgetAsync(session, await session.QueryAsync<Ended>(DeleteOthers, new { userId, keptId = keptId ?? 0 }));

    /// <summary>Ends what was not used for too long.</summary>
    public Task EndExpiredAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return db.WriteAsync(async session => await ForgetAsync(session, await session.QueryAsync<Ended>(DeleteExpired, new { now })), ct);
    }

    /// <summary>Moves the end of a session that is being used.</summary>
    public Task TouchAsync(SignedIn signedIn, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return db.WriteAsync(async session =>
        {
            await session.ExecuteAsync(Touch, new { id = signedIn.SessionId, now, expiresAt = SessionLifetime.End(signedIn, now) });
            session.AfterCommit(() => cache.Forget(signedIn.KeyHash));
        }, ct);
    }

    private async Task<bool> ForgetAsync(DbSession session, List<Ended> ended)
    {
        foreach (var (id, keyHash) in ended.Select(row => (row.Id, row.KeyHash)))
        {
            await notices.AddAsync(session, AccountNotices.SessionEnded(id, keyHash));
        }
        return ended.Count > 0;
    }

    private sealed record Ended
    {
        public required long Id { get; init; }
        public required string KeyHash { get; init; }
    }
}

/// <summary>How long a session lives: without use, and at most.</summary>
internal static class SessionLifetime
{
    /// <summary>How stale "last seen" may be; saves a write per request.</summary>
    public static readonly TimeSpan TouchEvery = TimeSpan.FromMinutes(10);

    public static TimeSpan Idle(bool isPersistent) => isPersistent ? TimeSpan.FromDays(30) : TimeSpan.FromDays(1);

    // However busy it is, a stolen key must stop working some day.
    private static TimeSpan Longest(bool isPersistent) => isPersistent ? TimeSpan.FromDays(365) : TimeSpan.FromDays(30);

    /// <summary>When the session ends if it is not used after <paramref name="now"/>.</summary>
    public static DateTimeOffset End(SignedIn signedIn, DateTimeOffset now)
    {
        var idle = now + Idle(signedIn.IsPersistent);
        var last = signedIn.BegunAt + Longest(signedIn.IsPersistent);
        return idle < last ? idle : last;
    }
}
