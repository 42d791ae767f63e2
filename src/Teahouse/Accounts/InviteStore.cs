using System.Buffers.Text;
using System.Security.Cryptography;
using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>All SQL that writes <c>invites</c>: links by which one person each may make an account. Thread-safe.</summary>
internal sealed class InviteStore(Db db, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    private const string Insert = """
        INSERT INTO invites (token_hash, created_by, created_at, expires_at)
        VALUES (@tokenHash, @createdBy, @now, @expiresAt)
        RETURNING id
        """;

    private const string Use = """
        UPDATE invites
        SET used_by = @userId, used_at = @now
        WHERE token_hash = @tokenHash AND used_at IS NULL AND expires_at > @now
        """;

    private const string Delete = "DELETE FROM invites WHERE id = @id AND used_at IS NULL";

    /// <summary>Makes an invite and returns its token, which is stored nowhere.</summary>
    public async Task<string> CreateAsync(Caller actor, CancellationToken ct)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
        var now = clock.GetUtcNow();
        await db.WriteAsync(async session =>
        {
            var id = await session.GetAsync<long>(Insert, new
            {
                tokenHash = SessionStore.Hash(token),
                createdBy = actor.UserId,
                now,
                expiresAt = now + Lifetime,
            });
            await AuditLog.AddAsync(session, now, actor, "invite_made", Target(id));
        }, ct);
        return token;
    }

    /// <summary>Marks the invite as used by a new account, in the transaction that makes it. Returns false when it can't be used.</summary>
    public async Task<bool> UseAsync(DbSession session, string tokenHash, long userId) =>
        await session.ExecuteAsync(Use, new { tokenHash, userId, now = clock.GetUtcNow() }) == 1;

    /// <summary>Takes back an invite nobody has used. Returns false when there is none of that id.</summary>
    public Task<bool> RevokeAsync(Caller actor, long id, CancellationToken ct) => db.WriteAsync(async session =>
    {
        if (await session.ExecuteAsync(Delete, new { id }) == 0)
        {
            return false;
        }
        await AuditLog.AddAsync(session, clock.GetUtcNow(), actor, "invite_revoked", Target(id));
        return true;
    }, ct);

    private static string Target(long id) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"invite {id}");
}
