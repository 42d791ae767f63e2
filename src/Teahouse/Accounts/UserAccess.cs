using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>The one answer to "may this caller change that account": administrators may, and the program itself. Thread-safe.</summary>
internal sealed class UserAccess(Db db)
{
    /// <summary>Refuses everybody but administrators, whose token reaches that far, and the program itself.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.ScopeTooSmall"/>, <see cref="Refusal.Forbidden"/>.</exception>
    public static void Require(Caller caller)
    {
        caller.Require(TokenScope.Admin);
        if (!caller.IsAdmin && caller.Kind != CallerKind.System)
        {
            throw new RefusedException(Refusal.Forbidden);
        }
    }

    /// <summary>As <see cref="Require"/>, inside a transaction: what the caller was at the request's beginning may be over.</summary>
    /// <exception cref="RefusedException">Those of <see cref="Require"/>.</exception>
    public static async Task RequireAsync(DbSession session, Caller caller)
    {
        Require(caller);
        if (caller.UserId is { } id && await AccountQueries.FindAsync(session, id) is not { IsAdmin: true, DisabledAt: null })
        {
            throw new RefusedException(Refusal.Forbidden);
        }
    }

    /// <summary>Runs one transaction that changes an account. Whether the caller still is an administrator is looked up inside: a moment ago another one may have seen to that.</summary>
    /// <param name="caller">An administrator.</param>
    /// <param name="userId">Whose account.</param>
    /// <param name="change">Gets the account as it is.</param>
    /// <param name="ct">Honoured until the work begins.</param>
    /// <exception cref="RefusedException">Those of <see cref="Require"/>, <see cref="Refusal.NoSuchUser"/>.</exception>
    public Task<T> ChangeAsync<T>(Caller caller, long userId, Func<DbSession, User, Task<T>> change, CancellationToken ct)
    {
        Require(caller);
        return db.WriteAsync(async session =>
        {
            await RequireAsync(session, caller);
            return await change(session, await AccountQueries.FindAsync(session, userId) ?? throw new RefusedException(Refusal.NoSuchUser));
        }, ct);
    }

    /// <summary>To be asked before an account loses what it can: nobody does that to themselves by mistake, and somebody must be left who can undo it.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.NotYourself"/>, <see cref="Refusal.LastAdministrator"/>.</exception>
    public static async Task RequireDispensableAsync(DbSession session, Caller caller, User user)
    {
        if (user.Id == caller.UserId)
        {
            throw new RefusedException(Refusal.NotYourself);
        }
        if (user is { IsAdmin: true, DisabledAt: null } && !await AccountQueries.HasOtherAdministratorAsync(session, user.Id))
        {
            throw new RefusedException(Refusal.LastAdministrator);
        }
    }
}
