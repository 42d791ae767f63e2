using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>What a user chooses about themselves. A display name follows the rule for nicknames, so that nobody shows up under another user's name.</summary>
internal sealed class ChangeProfile(UserStore users, NameBook names)
{
    /// <param name="caller">The signed-in user.</param>
    /// <param name="displayName">Blank: the username.</param>
    /// <param name="language">One of <see cref="Languages.Supported"/>; blank: as the browser asks.</param>
    /// <param name="timeZone">IANA name; blank: the server's zone.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.BadNickname"/>, <see cref="Refusal.NicknameTaken"/>, <see cref="Refusal.BadFrame"/> for a language
    /// or zone that is none.</exception>
    public async Task ExecuteAsync(Caller caller, string? displayName, string? language, string? timeZone, CancellationToken ct)
    {
        if (caller.UserId is not { } userId)
        {
            throw new RefusedException(Refusal.SignInFirst);
        }
        var name = string.IsNullOrWhiteSpace(displayName) || displayName == caller.Username
            ? caller.Username
            : Nicknames.Parse(displayName) ?? throw new RefusedException(Refusal.BadNickname);
        // Their own name in other letters' case is theirs.
        if (NameSkeleton.Key(name) != NameSkeleton.Key(caller.Username) && NameSkeleton.Of(name) != NameSkeleton.Of(caller.Username) && await names.IsTakenAsync(name, ct))
        {
            throw new RefusedException(Refusal.NicknameTaken);
        }
        language = string.IsNullOrEmpty(language) ? null : Languages.Find(language) ?? throw new RefusedException(Refusal.BadFrame);
        timeZone = string.IsNullOrEmpty(timeZone) ? null : timeZone;
        if (timeZone is not null && !TimeZones.IsKnown(timeZone))
        {
            throw new RefusedException(Refusal.BadFrame);
        }
        await users.ChangeProfileAsync(userId, name, language, timeZone, ct);
    }
}
