using Teahouse.Accounts;
using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>Reads rooms and memberships. Stateless.</summary>
public sealed class RoomQueries(GuestBans guestBans)
{
    private const string Columns = """
        SELECT id, kind, name, title, topic, access, owner_id, rev, last_seq, last_message_at, created_at, archived_at, path
        FROM rooms
        """;

    private const string SelectByName = Columns + """

        WHERE name_key = @nameKey
        """;

    private const string SelectById = Columns + """

        WHERE id = @roomId AND kind <> 'gone'
        """;

    // What a guest begins by its first message has no owner, and is not shown to strangers.
    private const string SelectLobby = """
        SELECT name, title, topic
        FROM rooms
        WHERE kind = 'room' AND access = 'guests' AND archived_at IS NULL AND owner_id IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM bans b WHERE b.room_id = rooms.id AND b.user_id = @userId)
        ORDER BY COALESCE(last_message_at, created_at) DESC
        LIMIT @limit
        """;

    private const string SelectMembership = """
        SELECT room_id, user_id, role, last_read_seq, own_after_read
        FROM memberships
        WHERE room_id = @roomId AND user_id = @userId
        """;

    private const string Retention = "SELECT id, retention_days, retained_after FROM rooms WHERE id = @roomId AND kind <> 'gone'";

    private const string Retentions = """
        SELECT id, retention_days, retained_after
        FROM rooms
        WHERE id > @after AND kind <> 'gone' AND last_seq > retained_after AND (@all OR retention_days IS NOT NULL)
        ORDER BY id
        LIMIT @limit
        """;

    private const string CountBans = "SELECT COUNT(*) FROM bans WHERE room_id = @roomId AND user_id = @userId";

    private const string SelectBanned = """
        SELECT u.id, u.username, u.avatar_colour
        FROM bans b
        JOIN users u ON u.id = b.user_id
        WHERE b.room_id = @roomId
        ORDER BY b.banned_at DESC, u.id
        LIMIT @limit
        """;

    // For several nodes on one database, which is one that has arrays.
    private const string SelectHeads = "SELECT name_key, name, rev FROM rooms WHERE name_key = ANY(@keys)";

    private static readonly HotStatement Heads = new(SelectHeads, "@keys");

    private const string SelectMovedChats = """
        SELECT owner_id, name, rev
        FROM rooms
        WHERE kind = 'project' AND owner_id = ANY(@userIds) AND last_message_at >= @since
        """;

    private static readonly HotStatement MovedChats = new(SelectMovedChats, "@userIds", "@since");

    private const string SelectNewMemberships = """
        SELECT user_id, room_id
        FROM memberships
        WHERE user_id = ANY(@userIds) AND joined_at >= @since
        """;

    private const string CountRetired = "SELECT COUNT(*) FROM deleted_rooms WHERE name_key = @nameKey";

    private static readonly HotStatement NewMemberships = new(SelectNewMemberships, "@userIds", "@since");

    /// <summary>How far each of these rooms has come, by its name key; without those that do not exist.</summary>
    public async Task<Dictionary<string, (string Name, long Rev)>> ListHeadsAsync(Db db, string[] nameKeys, CancellationToken ct) =>
        (await db.QueryAsync(Heads, static row => (Key: row.StringAt(0), Name: row.StringAt(1), Rev: row.Int64At(2)), [nameKeys], ct))
            .ToDictionary(row => row.Key, row => (row.Name, row.Rev), StringComparer.Ordinal);

    /// <summary>The chats of these accounts' projects in which something was said since then, and how far they have come.</summary>
    public Task<List<(long UserId, string Name, long Rev)>> ListMovedChatsAsync(DbSession session, long[] userIds, DateTimeOffset since) =>
        session.QueryAsync(MovedChats, static row => (row.Int64At(0), row.StringAt(1), row.Int64At(2)), [userIds, since]);

    /// <summary>The rooms that these accounts have become members of since then.</summary>
    public async Task<IReadOnlyList<(long UserId, Room Room)>> ListNewMembershipsAsync(DbSession session, long[] userIds, DateTimeOffset since)
    {
        List<(long, Room)> found = [];
        foreach (var (userId, roomId) in await session.QueryAsync(NewMemberships, static row => (row.Int64At(0), row.Int64At(1)), [userIds, since]))
        {
            if (await FindAsync(session, roomId) is { } room)
            {
                found.Add((userId, room));
            }
        }
        return found;
    }

    /// <summary>Rooms that anyone may enter and somebody owns, the liveliest first.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="userId">Whose bans count; 0 for nobody's.</param>
    /// <param name="limit">At most.</param>
    public Task<List<LobbyRoom>> ListLobbyAsync(DbSession session, long userId, int limit) => session.QueryAsync<LobbyRoom>(SelectLobby, new { userId, limit });

    public Task<Room?> FindAsync(DbSession session, string nameKey) => session.FindAsync<Room>(SelectByName, new { nameKey });

    public Task<Room?> FindAsync(DbSession session, long roomId) => session.FindAsync<Room>(SelectById, new { roomId });

    /// <summary>The room of this name key and how the caller stands to it.</summary>
    public async Task<RoomStanding> FindStandingAsync(DbSession session, string nameKey, Caller caller)
    {
        var room = await FindAsync(session, nameKey);
        return await StandAsync(session, room, caller) with { IsRetired = room is null && await IsRetiredAsync(session, nameKey) };
    }

    /// <summary>A room had this name once, and was deleted.</summary>
    public async Task<bool> IsRetiredAsync(DbSession session, string nameKey) => await session.GetAsync<long>(CountRetired, new { nameKey }) > 0;

    /// <summary>As above, by id: never another room that took the name meanwhile.</summary>
    public async Task<RoomStanding> FindStandingAsync(DbSession session, long roomId, Caller caller) =>
        await StandAsync(session, await FindAsync(session, roomId), caller);

    private async Task<RoomStanding> StandAsync(DbSession session, Room? room, Caller caller)
    {
        if (caller.IsGuest)
        {
            return new RoomStanding(room, null, await guestBans.AppliesAsync(session, room?.Id ?? 0, caller));
        }
        if (room is null || caller.UserId is not { } id)
        {
            return new RoomStanding(room, null, IsBanned: false);
        }
        var membership = await FindMembershipAsync(session, room.Id, id);
        // A banned account is never a member, so only who is none is looked for.
        return new RoomStanding(room, membership, membership is null && await IsBannedAsync(session, room.Id, id));
    }

    public async Task<bool> IsBannedAsync(DbSession session, long roomId, long userId) =>
        await session.GetAsync<long>(CountBans, new { roomId, userId }) > 0;

    /// <summary>Accounts that may not come in, the latest first.</summary>
    public Task<List<NamedUser>> ListBannedAsync(DbSession session, long roomId, int limit) =>
        session.QueryAsync<NamedUser>(SelectBanned, new { roomId, limit });

    public Task<Membership?> FindMembershipAsync(DbSession session, long roomId, long userId) =>
        session.FindAsync<Membership>(SelectMembership, new { roomId, userId });

    private const string SelectMembers = """
        SELECT u.id AS user_id, u.username, u.display_name, u.avatar_colour, m.role, m.joined_at
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
        SELECT u.id AS user_id, u.username, u.display_name, u.avatar_colour, m.role, m.joined_at
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
    public async Task<NamedUser?> FindUserAsync(DbSession session, string? username) =>
        UsernameRule.Normalize((username ?? "").Trim()) is { Length: > 0 } name
            ? await session.FindAsync<NamedUser>(SelectUser, new { usernameKey = NameSkeleton.Key(name) })
            : null;

    /// <summary>For how long the room keeps its messages; null when there is no such room.</summary>
    public Task<RoomRetention?> FindRetentionAsync(DbSession session, long roomId) => session.FindAsync<RoomRetention>(Retention, new { roomId });

    /// <summary>Rooms that may have messages too old to be kept, by their ids.</summary>
    /// <param name="session">A read.</param>
    /// <param name="after">The last id before.</param>
    /// <param name="all">The site itself keeps nothing for ever; otherwise only rooms that say so.</param>
    /// <param name="limit">How many.</param>
    public Task<List<RoomRetention>> ListRetentionsAsync(DbSession session, long after, bool all, int limit) =>
        session.QueryAsync<RoomRetention>(Retentions, new { after, all, limit });
}

/// <summary>A member of a room, for lists.</summary>
public sealed record RoomMember
{
    public required long UserId { get; init; }
    public required string Username { get; init; }
    public required string DisplayName { get; init; }
    public long? AvatarColour { get; init; }
    public required Role Role { get; init; }
    public required DateTimeOffset JoinedAt { get; init; }
}

/// <summary>An account's id and its name as its owner writes it.</summary>
public sealed record NamedUser
{
    public required long Id { get; init; }
    public required string Username { get; init; }
    public long? AvatarColour { get; init; }
}

/// <summary>For how long a room keeps its messages.</summary>
public sealed record RoomRetention
{
    public required long Id { get; init; }

    /// <summary>Null: as long as the site does.</summary>
    public long? RetentionDays { get; init; }

    /// <summary>The number up to which everything was too old, and is removed.</summary>
    public required long RetainedAfter { get; init; }
}

/// <summary>A room in the lobby.</summary>
public sealed record LobbyRoom
{
    public required string Name { get; init; }
    public required string Title { get; init; }
    public required string Topic { get; init; }
}
