using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>Makes somebody an administrator, or an ordinary member again. Thread-safe.</summary>
internal sealed class ChangeAdministrator(UserAccess access, Notices notices, TimeProvider time)
{
    /// <summary>Holds from the account's next request on, by whatever way. Returns false when nothing was to be changed.</summary>
    /// <exception cref="RefusedException">Those of <see cref="UserAccess.ChangeAsync"/> and <see cref="UserAccess.RequireDispensableAsync"/>.</exception>
    public Task<bool> ExecuteAsync(Caller caller, long userId, bool isAdmin, CancellationToken ct) => access.ChangeAsync(caller, userId, async (session, user) =>
    {
        if (!isAdmin)
        {
            await UserAccess.RequireDispensableAsync(session, caller, user);
        }
        if (user.IsAdmin == isAdmin)
        {
            return false;
        }
        await UserStore.SetAdministratorAsync(session, user.Id, isAdmin);
        await notices.AddAsync(session, AccountNotices.ProfileChanged(user.Id));
        await AuditLog.AddAsync(session, time.GetUtcNow(), caller, isAdmin ? "administrator_made" : "administrator_revoked", user.Username, before: Word(!isAdmin), after: Word(isAdmin));
        return true;
    }, ct);

    private static string Word(bool isAdmin) => isAdmin ? "administrator" : "member";
}
