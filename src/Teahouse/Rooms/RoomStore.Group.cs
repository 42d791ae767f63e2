using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>What many new messages do to their rooms and authors at once, where the database has arrays: parts of the statement that stores them (MessageStore.Group.cs), whose <c>numbered</c>
/// holds the messages with their numbers, those to be stored with verdict 0.</summary>
public sealed partial class RoomStore
{
    // In one order, so that two groups cannot each wait for the other.
    private const string LockRooms = "SELECT id FROM rooms WHERE id = ANY(@roomIds) ORDER BY id FOR NO KEY UPDATE";

    // CountOwn for several messages of one author: those that follow the read mark without another's between them move it, the others are counted. Who speaks and is no member becomes one,
    // having read everything before; whether they may was decided with the verdict.
    internal const string CountNumbered = """
        spoken AS (
            SELECT p.room_id, p.user_id, p.is_member, p.first, COUNT(*) AS total, COUNT(*) FILTER (WHERE p.seq - p.place = p.first - 1) AS unbroken, MIN(p.at) AS at
            FROM (
                SELECT n.room_id, n.user_id, n.is_member, n.seq, n.at, ROW_NUMBER() OVER own AS place, FIRST_VALUE(n.seq) OVER own AS first
                FROM numbered n
                WHERE n.verdict = 0 AND n.user_id IS NOT NULL
                WINDOW own AS (PARTITION BY n.room_id, n.user_id ORDER BY n.seq)
            ) p
            GROUP BY p.room_id, p.user_id, p.is_member, p.first
        ),
        counted AS (
            UPDATE memberships b
            SET last_read_seq = CASE WHEN b.last_read_seq + b.own_after_read = s.first - 1 THEN s.first + s.unbroken - 1 ELSE b.last_read_seq END,
                own_after_read = CASE WHEN b.last_read_seq + b.own_after_read = s.first - 1 THEN s.total - s.unbroken ELSE b.own_after_read + s.total END
            FROM spoken s
            WHERE b.room_id = s.room_id AND b.user_id = s.user_id AND s.is_member
        ),
        joined AS (
            INSERT INTO memberships (room_id, user_id, role, last_read_seq, own_after_read, joined_at)
            SELECT s.room_id, s.user_id, 'member', s.first + s.unbroken - 1, s.total - s.unbroken, s.at
            FROM spoken s
            WHERE NOT s.is_member
        ),

        """;

    internal const string AdvanceNumbered = """
        advanced AS (
            UPDATE rooms r
            SET rev = l.rev, last_seq = l.seq, last_message_at = l.at
            FROM (
                SELECT n.room_id, MAX(n.rev) AS rev, MAX(n.seq) AS seq, MAX(n.at) AS at
                FROM numbered n
                WHERE n.verdict = 0
                GROUP BY n.room_id
            ) l
            WHERE r.id = l.room_id
        )
        """;

    /// <summary>Holds the rooms until the group is done: begins every group of messages.</summary>
    public GroupStatement LockMany(long[] roomIds) => new(LockRooms, ("roomIds", roomIds));
}
