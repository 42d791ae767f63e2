namespace Teahouse.Hooks;

/// <summary>An incoming webhook in its room's list. Its secret is stored nowhere.</summary>
public sealed record HookRow
{
    public required long Id { get; init; }

    /// <summary>What its messages go by unless they name somebody else.</summary>
    public required string Name { get; init; }

    /// <summary>Who made it; null when that account is gone.</summary>
    public string? CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; init; }
}

/// <summary>What a call of an incoming webhook needs to know.</summary>
internal sealed record HookTarget
{
    public required long Id { get; init; }
    public required string Name { get; init; }
    public required long RoomId { get; init; }
    public required string RoomName { get; init; }
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <param name="username">Who speaks.</param>
    public Caller ToCaller(string username) => new()
    {
        Kind = CallerKind.Hook,
        Hook = new HookPass(Id, RoomId),
        Username = username,
        DisplayName = username,
    };
}

/// <summary>A webhook just made.</summary>
/// <param name="Secret">The end of its address, to be shown this once.</param>
/// <param name="Row">What is kept of it.</param>
public sealed record NewHook(string Secret, HookRow Row);
