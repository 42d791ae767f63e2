using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>What the room page reads besides messages. Stateless.</summary>
public sealed class RoomPageQueries
{
    /// <summary>The side pane shows no more; the room's settings list everybody.</summary>
    private const int MaxMembers = 200;

    private const string SelectMembers = """
        SELECT u.id AS user_id, u.username, u.display_name, u.avatar_colour, m.role, m.last_read_seq
        FROM memberships m
        JOIN users u ON u.id = m.user_id
        WHERE m.room_id = @roomId
        ORDER BY CASE m.role WHEN 'owner' THEN 0 WHEN 'moderator' THEN 1 ELSE 2 END, u.username_key
        LIMIT @limit
        """;

    /// <summary>In a room of two and no more the other one, whose read mark shows on what one has sent; null elsewhere.</summary>
    public static PageMember? FindOther(Room room, IReadOnlyList<PageMember> members, long? userId)
    {
        var others = members.Where(member => member.UserId != userId).Take(2).ToList();
        return others.Count == 1 && (room.Kind != Room.OrdinaryKind || (room.Access == Access.Private && members.Count == 2)) ? others[0] : null;
    }

    public Task<List<PageMember>> ListMembersAsync(DbSession session, long roomId) =>
        session.QueryAsync<PageMember>(SelectMembers, new { roomId, limit = MaxMembers });
}

/// <summary>A member with what the page shows of them.</summary>
public sealed record PageMember
{
    public required long UserId { get; init; }
    public required string Username { get; init; }
    public required string DisplayName { get; init; }
    public long? AvatarColour { get; init; }
    public required Role Role { get; init; }
    public required long LastReadSeq { get; init; }
}
