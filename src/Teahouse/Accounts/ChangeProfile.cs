using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>What a user wants to be so from now on.</summary>
/// <param name="DisplayName">Blank: the username.</param>
/// <param name="Language">One of <see cref="Languages.Supported"/>; blank: as the browser asks.</param>
/// <param name="TimeZone">IANA name; blank: the server's zone.</param>
/// <param name="AvatarColour">See <see cref="AvatarView.TryParseColour"/>; blank: that of the name.</param>
internal sealed record Profile(string? DisplayName, string? Language, string? TimeZone, string? AvatarColour);

/// <summary>What a user chooses about themselves. A display name follows the rule for nicknames, so that nobody shows up under another user's name.</summary>
internal sealed class ChangeProfile(UserStore users, NameBook names)
{
    /// <param name="caller">The signed-in user.</param>
    /// <param name="wanted">All of it, each time.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.BadNickname"/>, <see cref="Refusal.NicknameTaken"/>, <see cref="Refusal.BadFrame"/> for a language,
    /// zone or colour that is none.</exception>
    public async Task ExecuteAsync(Caller caller, Profile wanted, CancellationToken ct)
    {
        if (caller.UserId is not { } userId)
        {
            throw new RefusedException(Refusal.SignInFirst);
        }
        var name = string.IsNullOrWhiteSpace(wanted.DisplayName) || wanted.DisplayName == caller.Username
            ? caller.Username
            : Nicknames.Parse(wanted.DisplayName) ?? throw new RefusedException(Refusal.BadNickname);
        // Their own name in other letters' case is theirs.
        if (NameSkeleton.Key(name) != NameSkeleton.Key(caller.Username) && NameSkeleton.Of(name) != NameSkeleton.Of(caller.Username) && await names.IsTakenAsync(name, ct))
        {
            throw new RefusedException(Refusal.NicknameTaken);
        }
        var language = string.IsNullOrEmpty(wanted.Language) ? null : Languages.Find(wanted.Language) ?? throw new RefusedException(Refusal.BadFrame);
        var timeZone = string.IsNullOrEmpty(wanted.TimeZone) ? null : wanted.TimeZone;
        if (!AvatarView.TryParseColour(wanted.AvatarColour, out var colour) || (timeZone is not null && !TimeZones.IsKnown(timeZone)))
        {
            throw new RefusedException(Refusal.BadFrame);
        }
        await users.ChangeProfileAsync(userId, name, colour, language, timeZone, ct);
    }
}
