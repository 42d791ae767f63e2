using Teahouse.Realtime;
using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>What a change to an account ends and makes forgotten, on every node. Thread-safe.</summary>
internal sealed class AccountNotices(SessionCache sessions, NameBook names, ConnectionRegistry connections) : INoticeHandler
{
    private const string SessionKind = "session_ended";
    private const string TokenKind = "token_revoked";
    private const string PasswordKind = "password_changed";
    private const string ProfileKind = "profile_changed";
    private const string AddedKind = "user_added";
    private const string RemovedKind = "user_removed";
    private const string ShutOutKind = "user_shut_out";

    /// <param name="id">The session's.</param>
    /// <param name="keyHash">By which it is looked up.</param>
    public static Notice SessionEnded(long id, string keyHash) => new(SessionKind) { Id = id, Key = keyHash };

    public static Notice TokenRevoked(long id) => new(TokenKind) { Id = id };

    public static Notice PasswordChanged(long userId) => new(PasswordKind) { Id = userId };

    public static Notice ProfileChanged(long userId) => new(ProfileKind) { Id = userId };

    /// <summary>As <see cref="ProfileChanged"/>, and what others see of them is now this.</summary>
    public static Notice LooksChanged(long userId, string displayName, long? avatarColour) => ProfileChanged(userId) with { Key = displayName, Colour = avatarColour };

    public static Notice UserAdded(long userId) => new(AddedKind) { Id = userId };

    public static Notice UserRemoved(long userId) => new(RemovedKind) { Id = userId };

    /// <summary>Nobody acts as this account any more, by whatever way; its name stays taken.</summary>
    public static Notice UserShutOut(long userId) => new(ShutOutKind) { Id = userId };

    public void Handle(Notice notice)
    {
        switch (notice.Kind)
        {
            case SessionKind:
                sessions.Forget(notice.Key ?? "");
                connections.CloseSession(notice.Id);
                break;
            case TokenKind:
                connections.CloseToken(notice.Id);
                break;
            case PasswordKind:
                connections.ClosePassword(notice.Id);
                break;
            case ProfileKind:
                sessions.ForgetUser(notice.Id);
                if (notice.Key is { } displayName)
                {
                    connections.ChangeLooks(notice.Id, displayName, notice.Colour);
                }
                break;
            case AddedKind:
                names.Forget();
                break;
            case ShutOutKind:
                sessions.ForgetUser(notice.Id);
                connections.CloseUser(notice.Id);
                break;
            case RemovedKind:
                names.Forget();
                sessions.ForgetUser(notice.Id);
                connections.CloseUser(notice.Id);
                break;
        }
    }
}
