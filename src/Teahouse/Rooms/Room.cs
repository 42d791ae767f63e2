namespace Teahouse.Rooms;

/// <summary>Who may enter a room.</summary>
public enum Access
{
    /// <summary>Anyone, guests too.</summary>
    Guests,

    /// <summary>Any signed-in user.</summary>
    Members,

    /// <summary>Invited members only.</summary>
    Private,
}

/// <summary>A member's standing in a room, from least to most.</summary>
public enum Role
{
    Member,
    Moderator,
    Owner,
}

/// <summary>How the enums are written in the database and on the wire: lower case.</summary>
public static class RoomText
{
    public static string ToText(this Access access) => access.ToString().ToLowerInvariant();

    public static string ToText(this Role role) => role.ToString().ToLowerInvariant();

    public static Access ToAccess(string text) => text switch
    {
        "guests" => Access.Guests,
        "members" => Access.Members,
        "private" => Access.Private,
        _ => throw new InvalidOperationException($"There is no access {text}."),
    };
}

/// <summary>A row of <c>rooms</c>.</summary>
public sealed record Room
{
    public required long Id { get; init; }

    /// <summary>A room that people make and govern themselves.</summary>
    public const string OrdinaryKind = "room";

    /// <summary>A project's owner and one visitor.</summary>
    public const string ProjectKind = "project";

    /// <summary>Deleted: nobody finds it any more, and what it holds is being removed. Only <see cref="RoomStore"/> and who removes knows of these.</summary>
    public const string GoneKind = "gone";

    /// <summary><c>room</c>, <c>project</c> or <c>direct</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The URL key, NFC, in its maker's spelling.</summary>
    public required string Name
    {
        get;
        init => (field, FeedTopic) = (value, Realtime.Topic.Room(RoomName.Key(value)));
    }

    public required string Title { get; init; }
    public required string Topic { get; init; }
    public required Access Access { get; init; }
    public long? OwnerId { get; init; }

    /// <summary>Raised by one with every change a reader must see.</summary>
    public required long Rev { get; init; }

    /// <summary>The newest message's number; 0 before the first.</summary>
    public required long LastSeq { get; init; }

    public DateTimeOffset? LastMessageAt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ArchivedAt { get; init; }

    /// <summary>Its page, when that is not under <c>/room/</c>; without the final slash.</summary>
    public string? Path { get; init; }

    /// <summary>The address of its page.</summary>
    public string Address => AddressOf(Name, Path);

    /// <inheritdoc cref="Address"/>
    public static string AddressOf(string name, string? path) => path is null ? $"/room/{Uri.EscapeDataString(name)}/" : path + "/";

    public bool IsArchived => ArchivedAt is not null;

    /// <summary>Where what happens in the room is published.</summary>
    public Realtime.Topic FeedTopic { get; private init; }
}

/// <summary>A row of <c>memberships</c>.</summary>
public sealed record Membership
{
    public required long RoomId { get; init; }
    public required long UserId { get; init; }
    public required Role Role { get; init; }
    public required long LastReadSeq { get; init; }

    /// <summary>The member's own messages after <see cref="LastReadSeq"/>.</summary>
    public required long OwnAfterRead { get; init; }

    /// <summary>Messages by others after <see cref="LastReadSeq"/> in a room whose newest is <paramref name="lastSeq"/>.</summary>
    public long Unread(long lastSeq) => Math.Max(0, lastSeq - LastReadSeq - OwnAfterRead);
}
