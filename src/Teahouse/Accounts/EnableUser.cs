using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>Lets an account be used again. Thread-safe.</summary>
internal sealed class EnableUser(UserAccess access, TimeProvider time)
{
    /// <summary>Returns false when it was not disabled.</summary>
    /// <exception cref="RefusedException">Those of <see cref="UserAccess.ChangeAsync"/>.</exception>
    public Task<bool> ExecuteAsync(Caller caller, long userId, CancellationToken ct) => access.ChangeAsync(caller, userId, async (session, user) =>
    {
        if (user.DisabledAt is null)
        {
            return false;
        }
        await UserStore.SetDisabledAsync(session, user.Id, at: null);
        await AuditLog.AddAsync(session, time.GetUtcNow(), caller, "user_enabled", user.Username, before: "disabled", after: "enabled");
        return true;
    }, ct);
}
