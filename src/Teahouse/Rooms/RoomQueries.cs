using Teahouse.Accounts;
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

    private const string SelectMembers = """
        SELECT u.id AS user_id, u.username, u.display_name, m.role, m.joined_at
        FROM memberships m
        JOIN users u ON u.id = m.user_id
        WHERE m.room_id = @roomId AND u.username_key > @after
        ORDER BY u.username_key
        LIMIT @limit
        """;

    private const string CountMembers = "SELECT COUNT(*) FROM memberships WHERE room_id = @roomId";

    private const string SelectMemberIds = "SELECT user_id FROM memberships WHERE room_id = @roomId LIMIT 1000000";

    private const string CountOwners = "SELECT COUNT(*) FROM memberships WHERE room_id = @roomId AND role = 'owner'";

    private const string SelectUser = "SELECT id, username FROM users WHERE username_key = @usernameKey AND disabled_at IS NULL";

    private const string SelectMember = """
        SELECT u.id AS user_id, u.username, u.display_name, m.role, m.joined_at
        FROM memberships m
        JOIN users u ON u.id = m.user_id
        WHERE m.room_id = @roomId AND m.user_id = @userId
        """;

    /// <summary>Members in order of their names, after the name key <paramref name="after"/> (empty for the first).</summary>
    public Task<List<RoomMember>> ListMembersAsync(DbSession session, long roomId, string after, int limit) =>
        session.QueryAsync<RoomMember>(SelectMembers, new { roomId, after, limit });

    public Task<long> CountMembersAsync(DbSession session, long roomId) => session.GetAsync<long>(CountMembers, new { roomId });

    public async Task<HashSet<long>> ListMemberIdsAsync(DbSession session, long roomId) =>
        [.. await session.QueryAsync<long>(SelectMemberIds, new { roomId })];

    public Task<RoomMember?> FindMemberAsync(DbSession session, long roomId, long userId) =>
        session.FindAsync<RoomMember>(SelectMember, new { roomId, userId });

    public Task<long> CountOwnersAsync(DbSession session, long roomId) => session.GetAsync<long>(CountOwners, new { roomId });

    /// <summary>The account with this name, without regard to case; null when there is none that may sign in.</summary>
    public Task<NamedUser?> FindUserAsync(DbSession session, string username) =>
        session.FindAsync<NamedUser>(SelectUser, new { usernameKey = NameSkeleton.Key(username) });
}

/// <summary>A member of a room, for lists.</summary>
public sealed record RoomMember
{
    public required long UserId { get; init; }
    public required string Username { get; init; }
    public required string DisplayName { get; init; }
    public required Role Role { get; init; }
    public required DateTimeOffset JoinedAt { get; init; }
}

/// <summary>An account's id and its name as its owner writes it.</summary>
public sealed record NamedUser
{
    public required long Id { get; init; }
    public required string Username { get; init; }
}
