using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>Reads rooms and memberships. Stateless.</summary>
public sealed class RoomQueries
{
    private const string SelectRoom = """
        SELECT id, kind, name, title, topic, access, owner_id, rev, last_seq, last_message_at, created_at, archived_at
        FROM rooms
        WHERE name_key = @nameKey
        """;

    private const string SelectMembership = """
        SELECT room_id, user_id, role, last_read_seq, own_after_read
        FROM memberships
        WHERE room_id = @roomId AND user_id = @userId
        """;

    public async Task<(Room? Room, Membership? Membership)> FindWithMembershipAsync(DbSession session, string nameKey, long? userId)
    {
        var room = await session.FindAsync<Room>(SelectRoom, new { nameKey });
        return (room, room is null || userId is null ? null : await FindMembershipAsync(session, room.Id, userId.Value));
    }

    public Task<Membership?> FindMembershipAsync(DbSession session, long roomId, long userId) =>
        session.FindAsync<Membership>(SelectMembership, new { roomId, userId });
}
