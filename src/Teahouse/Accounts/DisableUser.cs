using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>Keeps an account from being used, by session, token or password; what it wrote stays. Thread-safe.</summary>
internal sealed class DisableUser(UserAccess access, SessionStore sessions, Notices notices, TimeProvider time)
{
    /// <summary>Its sessions and sockets end at once. Returns false when it was disabled already.</summary>
    /// <exception cref="RefusedException">Those of <see cref="UserAccess.ChangeAsync"/> and <see cref="UserAccess.RequireDispensableAsync"/>.</exception>
    public Task<bool> ExecuteAsync(Caller caller, long userId, CancellationToken ct) => access.ChangeAsync(caller, userId, async (session, user) =>
    {
        await UserAccess.RequireDispensableAsync(session, caller, user);
        if (user.DisabledAt is not null)
        {
            return false;
        }
        var at = time.GetUtcNow();
        await UserStore.SetDisabledAsync(session, user.Id, at);
        await sessions.EndOthersAsync(session, user.Id, keptId: null);
        await notices.AddAsync(session, AccountNotices.UserShutOut(user.Id));
        await AuditLog.AddAsync(session, at, caller, "user_disabled", user.Username, before: "enabled", after: "disabled");
        return true;
    }, ct);
}
