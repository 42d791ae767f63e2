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

    /// <summary>The program itself.</summary>
    System,
}

/// <summary>Who acts: made once at a door from cookie, token or shell, then handed to operations. Immutable.</summary>
public sealed record Caller
{
    public required CallerKind Kind { get; init; }

    /// <summary>The account's id; null unless <see cref="Kind"/> is <see cref="CallerKind.User"/>.</summary>
    public long? UserId { get; init; }

    /// <summary>The random id in a guest's signed cookie; null for a nickname given without one.</summary>
    public string? GuestId { get; init; }

    /// <summary>Username or nickname; empty for <see cref="CallerKind.Anonymous"/>.</summary>
    public string Username { get; init; } = "";

    public string DisplayName { get; init; } = "";

    public bool IsAdmin { get; init; }

    /// <summary>The sign-in this caller came by, so that ending it ends the sockets opened with it.</summary>
    public long? SessionId { get; init; }

    /// <summary>The zone the user wants times in; null: that of <c>TIME_ZONE</c>.</summary>
    public TimeZoneInfo? TimeZone { get; init; }

    public bool IsUser => Kind == CallerKind.User;

    public bool IsGuest => Kind is CallerKind.Guest or CallerKind.Anonymous;

    /// <summary>Whom a nonce and a rate limit belong to; null for a caller without any lasting identity.</summary>
    public string? AuthorKey => Kind switch
    {
        CallerKind.User => string.Create(CultureInfo.InvariantCulture, $"u:{UserId}"),
        CallerKind.Guest when GuestId is not null => $"g:{GuestId}",
        _ => null,
    };

    public static Caller Anonymous { get; } = new() { Kind = CallerKind.Anonymous };

    public static Caller System { get; } = new() { Kind = CallerKind.System, Username = "system", DisplayName = "system" };
}
