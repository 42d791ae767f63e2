using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>All SQL that writes <c>rooms</c> and <c>memberships</c>. Stateless; every method runs in its caller's transaction.</summary>
public sealed partial class RoomStore
{
    private const string Insert = """
        INSERT INTO rooms (kind, name, name_key, title, topic, search_key, access, owner_id, path, rev, created_at)
        VALUES (@kind, @name, @nameKey, @title, @topic, @searchKey, @access, @ownerId, @path, COALESCE((SELECT next_rev FROM deleted_rooms WHERE name_key = @nameKey), 0), @at)
        ON CONFLICT (name_key) DO NOTHING
        RETURNING id, kind, name, title, topic, access, owner_id, rev, last_seq, last_message_at, created_at, archived_at, path
        """;

    // Takes the room's lock, gives the numbers, and keeps the clock from running backwards. RETURNING would cost more than to read the row again.
    private const string AdvanceForMessage = """
        UPDATE rooms
        SET rev = rev + 1,
            last_seq = last_seq + 1,
            last_message_at = CASE WHEN last_message_at > @at THEN last_message_at ELSE @at END
        WHERE id = @roomId AND archived_at IS NULL
        """;

    private static readonly HotStatement HotAdvance = new(AdvanceForMessage, "@roomId", "@at");

    // A change to what was said before: allowed in archived rooms too.
    private const string AdvanceForChanges = """
        UPDATE rooms
        SET rev = rev + @count
        WHERE id = @roomId
        RETURNING rev
        """;

    private const string SelectAdvance = "SELECT rev, last_seq, last_message_at, CASE WHEN kind = 'project' THEN owner_id END FROM rooms WHERE id = @roomId";

    private static readonly HotStatement HotAdvanced = new(SelectAdvance, "@roomId");

    private const string SelectHead = "SELECT rev, last_seq, last_message_at, CASE WHEN kind = 'project' THEN owner_id END FROM rooms WHERE id = @roomId AND archived_at IS NULL";

    private static readonly HotStatement HotHead = new(SelectHead, "@roomId");

    private const string UpdateHead = "UPDATE rooms SET rev = @rev, last_seq = @seq, last_message_at = @at WHERE id = @roomId";

    private static readonly HotStatement HotUpdateHead = new(UpdateHead, "@rev", "@seq", "@at", "@roomId");

    private const string InsertMembership = """
        INSERT INTO memberships (room_id, user_id, role, last_read_seq, joined_at)
        SELECT @roomId, @userId, @role, @lastReadSeq, @at
        WHERE NOT EXISTS (SELECT 1 FROM bans WHERE room_id = @roomId AND user_id = @userId)
        ON CONFLICT (room_id, user_id) DO NOTHING
        """;

    // The same rule stands in MessageStore.Group.cs. Looks at the room as it is now: the pass may be older than a removal, and nobody comes back into a private room by speaking.
    private const string InsertParticipant = """
        INSERT INTO memberships (room_id, user_id, role, last_read_seq, joined_at)
        SELECT r.id, @userId, 'member', @lastReadSeq, @at
        FROM rooms r
        WHERE r.id = @roomId AND r.access <> 'private'
          AND NOT EXISTS (SELECT 1 FROM bans b WHERE b.room_id = r.id AND b.user_id = @userId)
        ON CONFLICT (room_id, user_id) DO NOTHING
        """;

    // Changes nothing, but on PostgreSQL holds the row against everybody else who would change the room or its members.
    private const string Lock = "UPDATE rooms SET rev = rev WHERE id = @roomId";

    private const string InsertBan = """
        INSERT INTO bans (room_id, user_id, banned_by, banned_at)
        VALUES (@roomId, @userId, @bannedBy, @at)
        ON CONFLICT (room_id, user_id) DO NOTHING
        """;

    private const string DeleteBan = "DELETE FROM bans WHERE room_id = @roomId AND user_id = @userId";

    // More than a reader is caught up on change by change, so that one of the old room begins anew.
    private const string RememberName = """
        INSERT INTO deleted_rooms (name_key, next_rev)
        SELECT name_key, rev + 1000 FROM rooms WHERE id = @roomId
        ON CONFLICT (name_key) DO UPDATE SET next_rev = excluded.next_rev
        """;

    // Who has read everything else has also seen what they did themselves.
    private const string SeeOwnAct = """
        UPDATE memberships
        SET last_read_seq = @seq, own_after_read = 0
        WHERE room_id = @roomId AND user_id = @userId AND last_read_seq + own_after_read = @seq - 1
        """;

    // The author has read everything when nobody else's message came in between; otherwise the message is one of their own past the mark.
    private const string CountOwn = """
        UPDATE memberships
        SET last_read_seq = CASE WHEN last_read_seq + own_after_read = @seq - 1 THEN @seq ELSE last_read_seq END,
            own_after_read = CASE WHEN last_read_seq + own_after_read = @seq - 1 THEN 0 ELSE own_after_read + 1 END
        WHERE room_id = @roomId AND user_id = @userId
        """;

    private static readonly HotStatement HotCountOwn = new(CountOwn, "@roomId", "@userId", "@seq");

    // The mark never goes back. Without own messages past the old mark there are none past the new one.
    private const string MarkReadAtOnce = """
        UPDATE memberships
        SET last_read_seq = @seq
        WHERE room_id = @roomId AND user_id = @userId AND last_read_seq < @seq AND own_after_read = 0
        """;

    // Only from the mark that the messages were counted from.
    private const string MarkRead = """
        UPDATE memberships
        SET last_read_seq = @seq,
            own_after_read = CASE WHEN own_after_read > @own THEN own_after_read - @own ELSE 0 END
        WHERE room_id = @roomId AND user_id = @userId AND last_read_seq = @from
        """;

    private const string UpdateRow = """
        UPDATE rooms
        SET title = @title, topic = @topic, search_key = @searchKey, access = @access
        WHERE id = @roomId
        """;

    private const string SetArchived = """
        UPDATE rooms
        SET archived_at = @archivedAt
        WHERE id = @roomId
        """;

    private const string SetRetention = "UPDATE rooms SET retention_days = @days WHERE id = @roomId";

    private const string SetRetainedAfter = "UPDATE rooms SET retained_after = @seq WHERE id = @roomId";

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

    public Task UpdateAsync(DbSession session, Room room) => session.ExecuteAsync(UpdateRow, new
    {
        roomId = room.Id,
        title = room.Title,
        topic = room.Topic,
        searchKey = RoomName.SearchKey(room.Name, room.Title, room.Topic),
        access = room.Access.ToText(),
    });

    /// <param name="session">The transaction.</param>
    /// <param name="roomId">Which room.</param>
    /// <param name="archivedAt">Null makes it live again.</param>
    public Task SetArchivedAsync(DbSession session, long roomId, DateTimeOffset? archivedAt) =>
        session.ExecuteAsync(SetArchived, new { roomId, archivedAt });

    /// <summary>For how many days messages are kept; null: as long as the site does.</summary>
    public Task SetRetentionAsync(DbSession session, long roomId, int? days) => session.ExecuteAsync(SetRetention, new { roomId, days });

    /// <summary>Up to this number everything was too old, and is removed.</summary>
    public Task SetRetainedAfterAsync(DbSession session, long roomId, long seq) => session.ExecuteAsync(SetRetainedAfter, new { roomId, seq });

    /// <summary>Keeps the room as it is until the transaction ends. Returns false when it is gone.</summary>
    public async Task<bool> LockAsync(DbSession session, long roomId) => await session.ExecuteAsync(Lock, new { roomId }) == 1;

    /// <summary>Keeps an account out and ends its membership. Returns false when it is banned already.</summary>
    public async Task<bool> BanAsync(DbSession session, long roomId, long userId, long? bannedBy, DateTimeOffset at)
    {
        await RemoveMemberAsync(session, roomId, userId);
        return await session.ExecuteAsync(InsertBan, new { roomId, userId, bannedBy, at }) == 1;
    }

    /// <summary>Returns false when the account is not banned.</summary>
    public async Task<bool> UnbanAsync(DbSession session, long roomId, long userId) => await session.ExecuteAsync(DeleteBan, new { roomId, userId }) == 1;

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

    /// <summary>Moves a member's read mark forward to <paramref name="seq"/>, if they have written nothing after it. Returns false when they have, it is there already, or the user is no member.</summary>
    public async Task<bool> MarkReadAtOnceAsync(DbSession session, long roomId, long userId, long seq) =>
        await session.ExecuteAsync(MarkReadAtOnce, new { roomId, userId, seq }) == 1;

    /// <summary>Moves a member's read mark forward over what was counted. Returns false when the mark is no longer where the counting began.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="roomId">Which room.</param>
    /// <param name="userId">Whose mark.</param>
    /// <param name="read">From where to where, and how many of the messages in between are the member's own.</param>
    public async Task<bool> MarkReadAsync(DbSession session, long roomId, long userId, ReadStretch read) =>
        await session.ExecuteAsync(MarkRead, new { roomId, userId, from = read.From, seq = read.Seq, own = read.Own }) == 1;

    /// <summary>Returns the new row; null when the name is taken.</summary>
    public Task<Room?> InsertAsync(DbSession session, string kind, string name, string title, string topic, Access access, long? ownerId, DateTimeOffset at, string? path = null) =>
        session.FindAsync<Room>(Insert, new
        {
            kind,
            name,
            nameKey = RoomName.Key(name),
            title,
            topic,
            searchKey = RoomName.SearchKey(name, title, topic),
            access = access.ToText(),
            ownerId,
            path,
            at,
        });

    /// <summary>Gives a new message its numbers and time; null when the room is gone or archived.</summary>
    public async Task<Advance?> AdvanceForMessageAsync(DbSession session, long roomId, DateTimeOffset at) =>
        await session.ExecuteAsync(HotAdvance, [roomId, at]) == 0 ? null : await session.FindAsync(HotAdvanced, static row => new Advance
        {
            Rev = row.Int64At(0),
            Seq = row.Int64At(1),
            At = DateTimeOffset.FromUnixTimeMilliseconds(row.Int64At(2)),
            WatcherId = row.NumberAt(3),
        }, [roomId]);

    /// <summary>How far a room has come, for many messages at once by SQLite's writer; null when it is gone or archived.</summary>
    internal static Task<HeadCounter?> FindHeadAsync(DbSession session, long roomId) => session.FindAsync(HotHead, static row => new HeadCounter
    {
        Rev = row.Int64At(0),
        Seq = row.Int64At(1),
        At = row.NumberAt(2) ?? 0,
        WatcherId = row.NumberAt(3),
    }, [roomId]);

    /// <summary>Stores how far a room has come by now.</summary>
    internal static void SetHead(DbSession session, long roomId, HeadCounter head) => session.Execute(HotUpdateHead, head.Rev, head.Seq, head.At, roomId);

    /// <summary>Gives out the next <paramref name="count"/> revisions, of which the last is returned. The room exists.</summary>
    public Task<long> AdvanceForChangesAsync(DbSession session, long roomId, int count) => session.GetAsync<long>(AdvanceForChanges, new { roomId, count });

    /// <summary>Returns false when the user is a member already, or banned.</summary>
    public async Task<bool> AddMemberAsync(DbSession session, long roomId, long userId, Role role, long lastReadSeq, DateTimeOffset at) =>
        await session.ExecuteAsync(InsertMembership, new { roomId, userId, role = role.ToText(), lastReadSeq, at }) == 1;

    /// <summary>Makes who speaks or reads along in an open room a member of it. Returns false for a member, and for whom the room is closed to by now.</summary>
    public async Task<bool> AddParticipantAsync(DbSession session, long roomId, long userId, long lastReadSeq, DateTimeOffset at) =>
        await session.ExecuteAsync(InsertParticipant, new { roomId, userId, lastReadSeq, at }) == 1;

    /// <summary>Notes that the member has seen the announcement <paramref name="seq"/> of what they did themselves.</summary>
    public Task SeeOwnActAsync(DbSession session, long roomId, long userId, long seq) => session.ExecuteAsync(SeeOwnAct, new { roomId, userId, seq });

    /// <summary>Notes the member's own new message <paramref name="seq"/>. Returns false when the user is no member.</summary>
    public async Task<bool> CountOwnAsync(DbSession session, long roomId, long userId, long seq) =>
        await session.ExecuteAsync(HotCountOwn, [roomId, userId, seq]) == 1;
}

/// <summary>Messages that a read mark passes.</summary>
/// <param name="From">Where the mark is.</param>
/// <param name="Seq">Where it goes.</param>
/// <param name="Own">How many of those after <paramref name="From"/> up to <paramref name="Seq"/> are its owner's.</param>
public readonly record struct ReadStretch(long From, long Seq, long Own);

/// <summary>A room's new revision, and a message's number and time.</summary>
public sealed record Advance
{
    public required long Rev { get; init; }
    public required long Seq { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>Who may have more rooms like this one than a page listens to, and is told of each that moves: a project chat's owner.</summary>
    public long? WatcherId { get; init; }
}
