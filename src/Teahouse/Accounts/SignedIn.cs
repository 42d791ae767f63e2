namespace Teahouse.Accounts;

/// <summary>A session and its user, as one row: what a request must know.</summary>
internal sealed record SignedIn
{
    public required long SessionId { get; init; }
    public required string KeyHash { get; init; }
    public required bool IsPersistent { get; init; }
    public required DateTimeOffset BegunAt { get; init; }
    public required DateTimeOffset LastSeenAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public required long UserId { get; init; }
    public required string Username { get; init; }
    public required string DisplayName { get; init; }
    public required bool IsAdmin { get; init; }
    public string? Language { get; init; }
    public string? TimeZone { get; init; }
    public long? AvatarColour { get; init; }

    /// <summary>Enter breaks the line in the field one writes in.</summary>
    public bool EnterBreaks { get; init; }

    /// <summary>One of <see cref="Accounts.NotifyOf"/>.</summary>
    public string NotifyOf { get; init; } = Accounts.NotifyOf.All;

    public bool NotifySound { get; init; }

    public Caller ToCaller() => new()
    {
        Kind = CallerKind.User,
        UserId = UserId,
        Username = Username,
        DisplayName = DisplayName,
        AvatarColour = AvatarColour,
        IsAdmin = IsAdmin,
        SessionId = SessionId,
        TimeZone = TimeZones.Find(TimeZone),
    };
}
