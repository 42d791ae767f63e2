using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>SQL that reads API tokens. Asked anew for every request, so that a revoked one is refused at once by every process. Thread-safe.</summary>
internal sealed class TokenQueries(Db db, TimeProvider clock)
{
    private const string ByHash = """
        SELECT t.id AS token_id, t.scope, t.bot_name, t.last_used_at, t.expires_at,
               u.id AS user_id, u.username, u.display_name, u.is_admin, u.language, u.time_zone
        FROM tokens t
        JOIN users u ON u.id = t.user_id
        WHERE t.token_hash = @tokenHash AND (t.expires_at IS NULL OR t.expires_at > @now) AND u.disabled_at IS NULL AND u.deletes_at IS NULL
        """;

    private const string IsLive = """
        SELECT COUNT(*)
        FROM tokens t
        JOIN users u ON u.id = t.user_id
        WHERE t.id = @id AND (t.expires_at IS NULL OR t.expires_at > @now) AND u.disabled_at IS NULL AND u.deletes_at IS NULL
        """;

    private const string OfUser = """
        SELECT id, name, scope, bot_name, created_at, last_used_at, expires_at
        FROM tokens
        WHERE user_id = @userId AND (expires_at IS NULL OR expires_at > @now)
        ORDER BY id DESC
        LIMIT @limit
        """;

    /// <summary>The token with this text and its owner; null when it is none, has expired, or its owner may not sign in.</summary>
    public Task<TokenOwner?> FindOwnerAsync(string text, CancellationToken ct) =>
        db.FindAsync<TokenOwner>(ByHash, new { tokenHash = SessionStore.Hash(text), now = clock.GetUtcNow() }, ct);

    /// <summary>False once the token has ended.</summary>
    public async Task<bool> IsLiveAsync(long id, CancellationToken ct) =>
        await db.GetAsync<long>(IsLive, new { id, now = clock.GetUtcNow() }, ct) > 0;

    /// <summary>The user's tokens that may still be used, newest first.</summary>
    public Task<List<TokenRow>> ListAsync(long userId, CancellationToken ct) =>
        db.QueryAsync<TokenRow>(OfUser, new { userId, now = clock.GetUtcNow(), limit = TokenStore.MaxPerUser }, ct);
}
