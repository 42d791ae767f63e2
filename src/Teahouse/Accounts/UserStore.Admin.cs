using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>What administrators change about an account; each in its caller's transaction.</summary>
internal sealed partial class UserStore
{
    private const string SetDisabled = "UPDATE users SET disabled_at = @at WHERE id = @userId";

    private const string SetAdministrator = "UPDATE users SET is_admin = @isAdmin WHERE id = @userId";

    /// <param name="session">The transaction.</param>
    /// <param name="userId">Whose.</param>
    /// <param name="at">Null: may sign in again.</param>
    public static Task SetDisabledAsync(DbSession session, long userId, DateTimeOffset? at) => session.ExecuteAsync(SetDisabled, new { userId, at });

    public static Task SetAdministratorAsync(DbSession session, long userId, bool isAdmin) => session.ExecuteAsync(SetAdministrator, new { userId, isAdmin });

    public static Task DeleteAsync(DbSession session, long userId) => session.ExecuteAsync(Delete, new { Id = userId });
}
