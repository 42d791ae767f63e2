using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>All SQL that writes <c>rooms</c> and <c>memberships</c>. Stateless; every method runs in its caller's transaction.</summary>
public sealed class RoomStore
{
    private const string Insert = """
        INSERT INTO rooms (kind, name, name_key, title, topic, access, owner_id, created_at)
        VALUES (@kind, @name, @nameKey, @title, @topic, @access, @ownerId, @at)
        ON CONFLICT (name_key) DO NOTHING
        RETURNING id, kind, name, title, topic, access, owner_id, rev, last_seq, last_message_at, created_at, archived_at
        """;

    // One statement takes the room's lock, gives the numbers, and keeps the clock from running backwards.
    private const string AdvanceForMessage = """
        UPDATE rooms
        SET rev = rev + 1,
            last_seq = last_seq + 1,
            last_message_at = CASE WHEN last_message_at > @at THEN last_message_at ELSE @at END
        WHERE id = @roomId AND archived_at IS NULL
        RETURNING rev, last_seq AS seq, last_message_at AS at
        """;

    private const string InsertMembership = """
        INSERT INTO memberships (room_id, user_id, role, last_read_seq, joined_at)
        VALUES (@roomId, @userId, @role, @lastReadSeq, @at)
        ON CONFLICT (room_id, user_id) DO NOTHING
        """;

    // The author has read everything when nobody else's message came in between; otherwise the message is one of their own past the mark.
    private const string CountOwn = """
        UPDATE memberships
        SET last_read_seq = CASE WHEN last_read_seq + own_after_read = @seq - 1 THEN @seq ELSE last_read_seq END,
            own_after_read = CASE WHEN last_read_seq + own_after_read = @seq - 1 THEN 0 ELSE own_after_read + 1 END
        WHERE room_id = @roomId AND user_id = @userId
        """;

    // The mark never goes back. Own messages past the new mark are counted once here, so that unread needs no count.
    private const string MarkRead = """
        UPDATE memberships
        SET last_read_seq = @seq,
            own_after_read = (SELECT COUNT(*) FROM messages m WHERE m.room_id = @roomId AND m.seq > @seq AND m.user_id = @userId)
        WHERE room_id = @roomId AND user_id = @userId AND last_read_seq < @seq
        """;

    private const string UpdateRow = """
        UPDATE rooms
        SET title = @title, topic = @topic, access = @access
        WHERE id = @roomId
        """;

    private const string SetArchived = """
        UPDATE rooms
        SET archived_at = @archivedAt
        WHERE id = @roomId
        """;

    private const string Delete = "DELETE FROM rooms WHERE id = @roomId";

    private const string DeleteMembership = "DELETE FROM memberships WHERE room_id = @roomId AND user_id = @userId";

    private const string UpdateRole = """
        UPDATE memberships
        SET role = @role
        WHERE room_id = @roomId AND user_id = @userId
        """;

    // The room's owner is whichever of its owners was there first.
    private const string UpdateOwner = """
        UPDATE rooms
        SET owner_id = (SELECT m.user_id FROM memberships m WHERE m.room_id = @roomId AND m.role = 'owner' ORDER BY m.joined_at, m.user_id LIMIT 1)
        WHERE id = @roomId
        """;

    public Task UpdateAsync(DbSession session, Room room) =>
        session.ExecuteAsync(UpdateRow, new { roomId = room.Id, title = room.Title, topic = room.Topic, access = room.Access.ToText() });

    /// <param name="session">The transaction.</param>
    /// <param name="roomId">Which room.</param>
    /// <param name="archivedAt">Null makes it live again.</param>
    public Task SetArchivedAsync(DbSession session, long roomId, DateTimeOffset? archivedAt) =>
        session.ExecuteAsync(SetArchived, new { roomId, archivedAt });

    /// <summary>Deletes the room; its memberships and messages go with it.</summary>
    public Task DeleteAsync(DbSession session, long roomId) => session.ExecuteAsync(Delete, new { roomId });

    /// <summary>Returns false when the user is no member.</summary>
    public async Task<bool> RemoveMemberAsync(DbSession session, long roomId, long userId)
    {
        var removed = await session.ExecuteAsync(DeleteMembership, new { roomId, userId }) == 1;
        await session.ExecuteAsync(UpdateOwner, new { roomId });
        return removed;
    }

    public async Task SetRoleAsync(DbSession session, long roomId, long userId, Role role)
    {
        await session.ExecuteAsync(UpdateRole, new { roomId, userId, role = role.ToText() });
        await session.ExecuteAsync(UpdateOwner, new { roomId });
    }

    /// <summary>Moves a member's read mark forward to <paramref name="seq"/>. Returns false when it is there already or the user is no member.</summary>
    public async Task<bool> MarkReadAsync(DbSession session, long roomId, long userId, long seq) =>
        await session.ExecuteAsync(MarkRead, new { roomId, userId, seq }) == 1;

    /// <summary>Returns the new row; null when the name is taken.</summary>
    public Task<Room?> InsertAsync(DbSession session, string kind, string name, string title, string topic, Access access, long? ownerId, DateTimeOffset at) =>
        session.FindAsync<Room>(Insert, new { kind, name, nameKey = RoomName.Key(name), title, topic, access = access.ToText(), ownerId, at });

    /// <summary>Gives a new message its numbers and time; null when the room is gone or archived.</summary>
    public Task<Advance?> AdvanceForMessageAsync(DbSession session, long roomId, DateTimeOffset at) =>
        session.FindAsync<Advance>(AdvanceForMessage, new { roomId, at });

    /// <summary>Returns false when the user is a member already.</summary>
    public async Task<bool> AddMemberAsync(DbSession session, long roomId, long userId, Role role, long lastReadSeq, DateTimeOffset at) =>
        await session.ExecuteAsync(InsertMembership, new { roomId, userId, role = role.ToText(), lastReadSeq, at }) == 1;

    /// <summary>Notes the member's own new message <paramref name="seq"/>. Returns false when the user is no member.</summary>
    public async Task<bool> CountOwnAsync(DbSession session, long roomId, long userId, long seq) =>
        await session.ExecuteAsync(CountOwn, new { roomId, userId, seq }) == 1;
}

/// <summary>A room's new revision, and a message's number and time.</summary>
public sealed record Advance
{
    public required long Rev { get; init; }
    public required long Seq { get; init; }
    public required DateTimeOffset At { get; init; }
}
