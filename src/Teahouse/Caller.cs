using System.Globalization;

namespace Teahouse;

/// <summary>What kind of identity acts.</summary>
public enum CallerKind
{
    /// <summary>A visitor without account and without a nickname.</summary>
    Anonymous,

    /// <summary>A visitor without account who chose a nickname.</summary>
    Guest,

    /// <summary>A registered account.</summary>
    User,

    /// <summary>A program that speaks by a room's incoming webhook; one with an API token acts as its <see cref="User"/>.</summary>
    Hook,

    /// <summary>The program itself.</summary>
    System,
}

/// <summary>What an API token may do, from least to most; each includes those before it.</summary>
public enum TokenScope
{
    /// <summary>Reads what its owner may read.</summary>
    Read,

    /// <summary>Also says, makes and changes what its owner may.</summary>
    Write,

    /// <summary>Also hands out access: tokens and webhooks; and what its owner may as an administrator.</summary>
    Admin,
}

/// <summary>The API token a caller came by.</summary>
/// <param name="Id">Its row, so that revoking it ends the sockets and streams opened with it.</param>
/// <param name="Scope">What it may do.</param>
/// <param name="BotName">The name it goes by; null for its owner's.</param>
/// <param name="ExpiresAt">When it ends by itself; null for never.</param>
public sealed record TokenPass(long Id, TokenScope Scope, string? BotName, DateTimeOffset? ExpiresAt);

/// <summary>The incoming webhook a caller speaks by: good for one room only.</summary>
public sealed record HookPass(long Id, long RoomId);

/// <summary>Who acts: made once at a door from cookie, token or shell, then handed to operations. Immutable.</summary>
public sealed record Caller
{
    public required CallerKind Kind { get; init; }

    /// <summary>The account's id; null unless <see cref="Kind"/> is <see cref="CallerKind.User"/>.</summary>
    public long? UserId { get; init; }

    /// <summary>The random id in a guest's signed cookie; null for a nickname given without one.</summary>
    public string? GuestId { get; init; }

    /// <summary>For who has no account: where they come from, as bans of addresses go by it; null where that is not known.</summary>
    public string? Network { get; init; }

    /// <summary>Username or nickname; empty for <see cref="CallerKind.Anonymous"/>.</summary>
    public string Username { get; init; } = "";

    public string DisplayName { get; init; } = "";

    /// <summary>The avatar colour the user chose, as <see cref="Web.AvatarView"/> counts them; null: that of the name, as of everybody without account and of programs.</summary>
    public long? AvatarColour { get; init; }

    public bool IsAdmin { get; init; }

    /// <summary>The sign-in this caller came by, so that ending it ends the sockets opened with it.</summary>
    public long? SessionId { get; init; }

    /// <summary>The API token this caller came by; null for everybody else.</summary>
    public TokenPass? Token { get; init; }

    /// <summary>True when name and password came with the request itself (HTTP Basic).</summary>
    public bool IsByPassword { get; init; }

    /// <summary>Null unless <see cref="Kind"/> is <see cref="CallerKind.Hook"/>.</summary>
    public HookPass? Hook { get; init; }

    /// <summary>Where the request came from, for the audit log alone; empty for the shell and the program itself.</summary>
    public string Address { get; init; } = "";

    /// <summary>The zone the user wants times in; null: that of <c>TIME_ZONE</c>.</summary>
    public TimeZoneInfo? TimeZone { get; init; }

    public bool IsUser => Kind == CallerKind.User;

    public bool IsGuest => Kind is CallerKind.Guest or CallerKind.Anonymous;

    /// <summary>What says it is a program: an API token or an incoming webhook.</summary>
    public bool IsBot => Token is not null || Kind == CallerKind.Hook;

    /// <summary>A browser sends this identity by itself, so a request that changes something must prove that a page of ours made it.</summary>
    public bool IsAmbient => Kind is CallerKind.User or CallerKind.Guest && Token is null && !IsByPassword;

    /// <summary>False when the caller's token does not reach that far; everybody else is bound by their rights alone.</summary>
    public bool May(TokenScope scope) => Token is null || Token.Scope >= scope;

    /// <summary>Does nothing for a caller who may.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.ScopeTooSmall"/>.</exception>
    public void Require(TokenScope scope)
    {
        if (!May(scope))
        {
            throw new RefusedException(Refusal.ScopeTooSmall);
        }
    }

    /// <summary>Whom a nonce and a rate limit belong to; null for a caller without any lasting identity.</summary>
    public string? AuthorKey => Kind switch
    {
        CallerKind.User => string.Create(CultureInfo.InvariantCulture, $"u:{UserId}"),
        CallerKind.Hook when Hook is not null => string.Create(CultureInfo.InvariantCulture, $"h:{Hook.Id}"),
        CallerKind.Guest when GuestId is not null => $"g:{GuestId}",
        _ => null,
    };

    public static Caller Anonymous { get; } = new() { Kind = CallerKind.Anonymous };

    /// <summary>Whoever has a shell on the server.</summary>
    public static Caller Shell { get; } = new() { Kind = CallerKind.System, Username = "shell", DisplayName = "shell" };

    public static Caller System { get; } = new() { Kind = CallerKind.System, Username = "system", DisplayName = "system" };
}
