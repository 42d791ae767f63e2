using System.Buffers.Text;
using System.Security.Cryptography;
using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>All SQL that writes <c>tokens</c>. Revoking one ends the sockets and streams opened with it, once that is on disk. Thread-safe.</summary>
internal sealed class TokenStore(Db db, Notices notices, TimeProvider clock)
{
    /// <summary>Tokens of one account.</summary>
    public const int MaxPerUser = 100;

    /// <summary>How stale "last used" may be; saves a write per request.</summary>
    private static readonly TimeSpan TouchEvery = TimeSpan.FromMinutes(1);

    // Tells a token from any other secret: scanners of leaked ones look for it.
    private const string Prefix = "tea_";

    private const string Insert = """
        INSERT INTO tokens (token_hash, user_id, name, scope, bot_name, created_at, expires_at)
        VALUES (@tokenHash, @userId, @name, @scope, @botName, @now, @expiresAt)
        RETURNING id
        """;

    private const string CountOfUser = "SELECT COUNT(*) FROM tokens WHERE user_id = @userId";

    private const string DeleteOne = "DELETE FROM tokens WHERE id = @id AND user_id = @userId RETURNING name";

    private const string DeleteExpired = "DELETE FROM tokens WHERE user_id = @userId AND expires_at <= @now";

    private const string Touch = "UPDATE tokens SET last_used_at = @now WHERE id = @id";

    /// <summary>Makes a token. Its text exists nowhere but in the answer.</summary>
    /// <param name="userId">Its owner.</param>
    /// <param name="draft">Name, scope, bot's name and expiry, as they are to be.</param>
    /// <param name="actor">Who makes it, for the audit log.</param>
    /// <param name="ct">Honoured until the work begins.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.TooMany"/>.</exception>
    public Task<NewToken> CreateAsync(long userId, TokenRow draft, Caller actor, CancellationToken ct)
    {
        var text = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var now = clock.GetStoredNow();
        return db.WriteAsync(async session =>
        {
            await session.ExecuteAsync(DeleteExpired, new { userId, now });
            if (await session.GetAsync<long>(CountOfUser, new { userId }) >= MaxPerUser)
            {
                throw new RefusedException(Refusal.TooMany, MaxPerUser);
            }
            var id = await session.GetAsync<long>(Insert, new
            {
                tokenHash = SessionStore.Hash(text),
                userId,
                name = draft.Name,
                scope = draft.Scope.ToText(),
                botName = draft.BotName,
                now,
                expiresAt = draft.ExpiresAt,
            });
            await AuditLog.AddAsync(session, now, actor, "token_made", draft.Name, draft.Scope.ToText());
            return new NewToken(text, draft with { Id = id, CreatedAt = now });
        }, ct);
    }

    /// <summary>Ends one token of the user. Returns false when there is none of that id.</summary>
    public Task<bool> RevokeAsync(long userId, long id, Caller actor, CancellationToken ct, string detail = "") => db.WriteAsync(async session =>
    {
        if (await session.FindAsync<string>(DeleteOne, new { id, userId }) is not { } name)
        {
            return false;
        }
        await AuditLog.AddAsync(session, clock.GetUtcNow(), actor, "token_revoked", name, detail);
        await notices.AddAsync(session, AccountNotices.TokenRevoked(id));
        return true;
    }, ct);

    /// <summary>Notes the use of a token, if that was not noted a moment ago. A database too busy for it is no reason to refuse the request.</summary>
    public async Task NoteUseAsync(TokenOwner token)
    {
        var now = clock.GetUtcNow();
        if (now - token.LastUsedAt < TouchEvery)
        {
            return;
        }
        try
        {
            await db.WriteAsync(session => session.ExecuteAsync(Touch, new { id = token.TokenId, now }), CancellationToken.None);
        }
        catch (RefusedException)
        {
            // The next request notes it.
        }
    }
}

/// <summary>A token just made.</summary>
/// <param name="Text">The token itself, to be shown this once.</param>
/// <param name="Row">What is kept of it.</param>
public sealed record NewToken(string Text, TokenRow Row);
