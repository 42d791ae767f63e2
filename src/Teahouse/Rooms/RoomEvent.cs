using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>Something that happened to a room and that its readers see as a system message.</summary>
/// <param name="Type">One of the constants of <see cref="RoomEventTypes"/>.</param>
/// <param name="User">Whom it happened to, or null.</param>
/// <param name="Value">The new title, topic, access or role, or null.</param>
public sealed record RoomEvent(string Type, string? User = null, string? Value = null)
{
    /// <summary>An account that is told of the room though its sockets do not listen to it yet; null for none.</summary>
    public long? NewMemberId { get; init; }
}

/// <summary>The types of <see cref="RoomEvent"/>, as on the wire.</summary>
public static class RoomEventTypes
{
    public const string Created = "room_created";
    public const string TitleChanged = "title_changed";
    public const string TopicChanged = "topic_changed";
    public const string AccessChanged = "access_changed";
    public const string Archived = "room_archived";
    public const string Unarchived = "room_unarchived";
    public const string MemberJoined = "member_joined";
    public const string MemberAdded = "member_added";
    public const string MemberLeft = "member_left";
    public const string MemberRemoved = "member_removed";
    public const string RoleChanged = "role_changed";
    public const string ProjectGiven = "project_given";
}

/// <summary>Writes an event into the room's own history, in the transaction of the change itself, and tells those who listen once it is on disk.
/// <paramref name="room"/> is the row after the change. Call it before archiving: an archived room takes no messages.</summary>
public delegate Task AnnounceRoomEvent(DbSession session, Room room, Caller actor, RoomEvent what);
