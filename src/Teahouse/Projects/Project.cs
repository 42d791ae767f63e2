namespace Teahouse.Projects;

/// <summary>A row of <c>projects</c> with its owner's names.</summary>
public sealed record Project
{
    public required long Id { get; init; }

    /// <summary>The URL key; the same for ever.</summary>
    public required string Slug { get; init; }

    public required string Title { get; init; }
    public required string Description { get; init; }

    /// <summary>The proposer; null when the account was deleted, as are the names.</summary>
    public long? OwnerId { get; init; }

    public string? Owner { get; init; }
    public string? OwnerName { get; init; }
    public long? OwnerColour { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The address of its page.</summary>
    public string Address => $"/projects/{Slug}/";

    /// <summary>Where a visitor talks to the owner.</summary>
    public string ChatAddress => $"/chats/project/{Slug}/";

    /// <summary>Where the owner finds all chats.</summary>
    public string ListAddress => $"/chats/project/{Slug}/list/";

    public bool IsOwnedBy(Caller caller) => caller.UserId is { } userId && OwnerId == userId;

    /// <summary>Its owner; and an administrator, who all the same reads no chat of it.</summary>
    public bool IsRunBy(Caller caller) => IsOwnedBy(caller) || (caller.IsUser && caller.IsAdmin);
}

/// <summary>A row of <c>project_chats</c>: whose room it is.</summary>
public sealed record ProjectChat
{
    public required long RoomId { get; init; }
    public required long ProjectId { get; init; }

    /// <summary>The room's name: its unguessable key.</summary>
    public required string Room { get; init; }

    /// <summary>Null when the account was deleted, as are the names.</summary>
    public long? VisitorId { get; init; }

    public string? Visitor { get; init; }
    public string? VisitorName { get; init; }

    /// <summary>The owner wants to hear no more of the visitor.</summary>
    public required bool IsBlocked { get; init; }
}
