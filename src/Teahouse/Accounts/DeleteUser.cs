using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>What becomes of the messages of an account that is deleted.</summary>
public enum MessagesLeft
{
    /// <summary>They stay, under the name.</summary>
    Kept,

    /// <summary>They stay, under nobody's name.</summary>
    Anonymous,

    /// <summary>Their texts go; what is left is that something was removed.</summary>
    Removed,
}

/// <summary>Does that with all messages of an account, in as many transactions as it takes; harmless to repeat. The conversation's, which stands behind this feature.</summary>
internal delegate Task LeaveMessages(User user, MessagesLeft how, CancellationToken ct);

/// <summary>Deletes an account for ever, with its memberships, sessions, tokens and webhooks. Rooms and projects stay without it. Thread-safe.</summary>
internal sealed class DeleteUser(UserAccess access, SessionStore sessions, Notices notices, LeaveMessages leave, TimeProvider time)
{
    /// <summary>Nobody acts as the account from the first moment on; its messages may take a while. Should the program end in between, the account stays disabled, and this can be called again.</summary>
    /// <param name="caller">An administrator, or the program itself when somebody's own wish is due.</param>
    /// <param name="userId">Whose account.</param>
    /// <param name="messages">What becomes of what they wrote.</param>
    /// <param name="ct">Honoured until the work begins.</param>
    /// <exception cref="RefusedException">Those of <see cref="UserAccess.ChangeAsync"/> and <see cref="UserAccess.RequireDispensableAsync"/>.</exception>
    public async Task ExecuteAsync(Caller caller, long userId, MessagesLeft messages, CancellationToken ct)
    {
        var user = await access.ChangeAsync(caller, userId, async (session, user) =>
        {
            await UserAccess.RequireDispensableAsync(session, caller, user);
            await UserStore.SetDisabledAsync(session, user.Id, user.DisabledAt ?? time.GetUtcNow());
            await sessions.EndOthersAsync(session, user.Id, keptId: null);
            await notices.AddAsync(session, AccountNotices.UserShutOut(user.Id));
            return user;
        }, ct);
        if (messages != MessagesLeft.Kept)
        {
            await leave(user, messages, CancellationToken.None);
        }
        await access.ChangeAsync(caller, userId, async (session, gone) =>
        {
            await UserStore.DeleteAsync(session, gone.Id);
            await notices.AddAsync(session, AccountNotices.UserRemoved(gone.Id));
            await AuditLog.AddAsync(session, time.GetUtcNow(), caller, "user_deleted", gone.Username, Word(messages));
            return true;
        }, CancellationToken.None);
    }

    /// <summary>The choice of a form; null for none of them.</summary>
    public static MessagesLeft? Parse(string? text) => text switch
    {
        "keep" => MessagesLeft.Kept,
        "anonymise" => MessagesLeft.Anonymous,
        "remove" => MessagesLeft.Removed,
        _ => null,
    };

    private static string Word(MessagesLeft messages) => messages switch
    {
        MessagesLeft.Kept => "messages kept",
        MessagesLeft.Anonymous => "messages anonymised",
        MessagesLeft.Removed => "messages removed",
        _ => throw new InvalidOperationException($"Messages {messages} have no word."),
    };
}
