namespace Teahouse.Accounts;

/// <summary>How scopes are written in the database and on the wire: lower case.</summary>
public static class TokenScopeText
{
    public static string ToText(this TokenScope scope) => scope.ToString().ToLowerInvariant();

    /// <summary>The scope of that name; null when there is none.</summary>
    public static TokenScope? Parse(string? text) => text switch
    {
        "read" => TokenScope.Read,
        "write" => TokenScope.Write,
        "admin" => TokenScope.Admin,
        _ => null,
    };
}

/// <summary>An API token in its owner's list. The token itself is stored nowhere.</summary>
public sealed record TokenRow
{
    public required long Id { get; init; }
    public required string Name { get; init; }
    public required TokenScope Scope { get; init; }

    /// <summary>The name its messages go by; null for its owner's.</summary>
    public string? BotName { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>A token that may be used now, and its owner, as one row.</summary>
internal sealed record TokenOwner
{
    public required long TokenId { get; init; }
    public required TokenScope Scope { get; init; }
    public string? BotName { get; init; }
    public DateTimeOffset? LastUsedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public required long UserId { get; init; }
    public required string Username { get; init; }
    public required string DisplayName { get; init; }
    public required bool IsAdmin { get; init; }
    public string? Language { get; init; }
    public string? TimeZone { get; init; }

    public Caller ToCaller() => new()
    {
        Kind = CallerKind.User,
        UserId = UserId,
        Username = Username,
        DisplayName = BotName ?? DisplayName,
        IsAdmin = IsAdmin && Scope == TokenScope.Admin,
        Token = new TokenPass(TokenId, Scope, BotName, ExpiresAt),
        TimeZone = TimeZones.Find(TimeZone),
    };
}
