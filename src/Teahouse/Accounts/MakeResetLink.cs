using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>Makes a link by which an account's owner sets a new password: once, within <see cref="AccountLinkStore.Lifetime"/>. Nothing changes before it is used. Thread-safe.</summary>
internal sealed class MakeResetLink(Db db, AccountLinkStore links, AccountQueries accounts, TimeProvider clock)
{
    private const string Page = "/reset/";

    /// <summary>For an administrator to hand over; goes to the audit log.</summary>
    /// <param name="actor">The administrator.</param>
    /// <param name="userId">Whose password it is for.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The link's path on this site, which is stored nowhere.</returns>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>, <see cref="Refusal.NoSuchUser"/>.</exception>
    public async Task<string> ExecuteAsync(Caller actor, long userId, CancellationToken ct)
    {
        if (!actor.IsAdmin)
        {
            throw new RefusedException(Refusal.Forbidden);
        }
        var user = await accounts.FindAsync(userId, ct) ?? throw new RefusedException(Refusal.NoSuchUser);
        return await db.WriteAsync(async session =>
        {
            await AuditLog.AddAsync(session, clock.GetUtcNow(), actor, "reset_link_made", user.Username);
            return PathOf(await links.MakeAsync(session, userId, AccountLinkStore.Reset, value: null, mailId: null) ?? throw new InvalidOperationException("No link was made."));
        }, ct);
    }

    /// <summary>For the letter with this number; null when the account has got enough of them lately.</summary>
    public Task<string?> ForMailAsync(long mailId, long userId, CancellationToken ct) => db.WriteAsync(async session =>
        await links.MakeAsync(session, userId, AccountLinkStore.Reset, value: null, mailId) is { } token ? PathOf(token) : null, ct);

    private static string PathOf(string token) => Page + "?token=" + token;
}
