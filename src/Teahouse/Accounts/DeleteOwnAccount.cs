using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Identity;
using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>Deletes the caller's own account: at once, or after a time in which signing in calls it off. Meanwhile nobody acts as them, and others see no difference.</summary>
internal sealed class DeleteOwnAccount(Db db, UserManager<User> users, LoginThrottle throttle, DeleteUser delete, SessionStore sessions, Notices notices, TimeProvider clock)
{
    /// <summary>How long one can think better of it.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromDays(14);

    /// <summary>Returns false when the password is wrong.</summary>
    /// <param name="caller">The signed-in user.</param>
    /// <param name="password">Theirs.</param>
    /// <param name="messages">What becomes of what they wrote.</param>
    /// <param name="atOnce">Without <see cref="Grace"/>.</param>
    /// <param name="address">From where it is asked.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.LastAdministrator"/>, <see cref="Refusal.RateLimited"/>, <see cref="Refusal.NoSuchUser"/>.</exception>
    public async Task<bool> ExecuteAsync(Caller caller, string password, MessagesLeft messages, bool atOnce, IPAddress? address, CancellationToken ct)
    {
        throttle.CountLogin(NameSkeleton.Key(caller.Username), address);
        var user = caller.UserId is { } id ? await users.FindByIdAsync(id.ToString(CultureInfo.InvariantCulture)) : null;
        if (user is null)
        {
            throw new RefusedException(Refusal.NoSuchUser);
        }
        if (!await users.CheckPasswordAsync(user, password))
        {
            return false;
        }
        if (atOnce)
        {
            await delete.ExecuteAsync(Caller.System, user.Id, messages, ct);
            return true;
        }
        await db.WriteAsync(async session =>
        {
            var now = await AccountQueries.FindAsync(session, user.Id) ?? throw new RefusedException(Refusal.NoSuchUser);
            await UserAccess.RequireDispensableAsync(session, Caller.System, now);
            var at = clock.GetUtcNow();
            await UserStore.SetDeletionAsync(session, user.Id, at + Grace, messages);
            await sessions.EndOthersAsync(session, user.Id, keptId: null);
            await notices.AddAsync(session, AccountNotices.UserShutOut(user.Id));
            await AuditLog.AddAsync(session, at, caller, "user_deletion_asked", user.Username, messages == MessagesLeft.Removed ? "messages removed" : "messages anonymised");
        }, ct);
        return true;
    }
}
