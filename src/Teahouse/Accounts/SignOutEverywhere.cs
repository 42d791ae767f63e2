using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>Ends sessions of an account for its owner's sake, or against them. Tokens and passwords stay good. Thread-safe.</summary>
internal sealed class SignOutEverywhere(UserAccess access, SessionStore sessions, TimeProvider time)
{
    /// <summary>All sessions; of one's own, all but the one at hand. Returns false when there were none.</summary>
    /// <exception cref="RefusedException">Those of <see cref="UserAccess.ChangeAsync"/>.</exception>
    public Task<bool> ExecuteAsync(Caller caller, long userId, CancellationToken ct) => access.ChangeAsync(caller, userId, async (session, user) =>
    {
        if (!await sessions.EndOthersAsync(session, user.Id, user.Id == caller.UserId ? caller.SessionId : null))
        {
            return false;
        }
        await AuditLog.AddAsync(session, time.GetUtcNow(), caller, "sessions_ended", user.Username);
        return true;
    }, ct);

    /// <summary>One session. Returns false when the account has none of that id.</summary>
    /// <exception cref="RefusedException">Those of <see cref="UserAccess.ChangeAsync"/>.</exception>
    public Task<bool> EndOneAsync(Caller caller, long userId, long sessionId, CancellationToken ct) => access.ChangeAsync(caller, userId, async (session, user) =>
    {
        if (!await sessions.EndAsync(session, user.Id, sessionId))
        {
            return false;
        }
        await AuditLog.AddAsync(session, time.GetUtcNow(), caller, "session_ended", user.Username);
        return true;
    }, ct);
}
