using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>An owner's wish that their account be deleted; each in its caller's transaction.</summary>
internal sealed partial class UserStore
{
    private const string SetDeletion = "UPDATE users SET deletes_at = @at, deletes_messages = @messages WHERE id = @userId";

    private const string CancelDeletion = "UPDATE users SET deletes_at = NULL, deletes_messages = NULL WHERE id = @userId AND deletes_at IS NOT NULL";

    /// <param name="session">The transaction.</param>
    /// <param name="userId">Whose.</param>
    /// <param name="at">Not before.</param>
    /// <param name="messages">What becomes of what they wrote.</param>
    public static Task SetDeletionAsync(DbSession session, long userId, DateTimeOffset at, MessagesLeft messages) => session.ExecuteAsync(SetDeletion, new { userId, at, messages = messages.ToString() });

    /// <summary>Whoever signs in wants to stay.</summary>
    public static Task CancelDeletionAsync(DbSession session, long userId) => session.ExecuteAsync(CancelDeletion, new { userId });
}
