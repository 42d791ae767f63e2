using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>What many new messages do to their rooms and authors at once, where the database has arrays.</summary>
public sealed partial class RoomStore
{
    // In one order, so that two groups cannot each wait for the other.
    private const string LockRooms = "SELECT id FROM rooms WHERE id = ANY(@roomIds) ORDER BY id FOR NO KEY UPDATE";

    // What was stored beyond the room's last number is new: the room learns of it last. The upper bound tells the planner that it is little.
    // Who has spoken and is no member becomes one; whether they may was decided before their message was stored.
    private const string InsertParticipants = """
        WITH newcomer AS MATERIALIZED (
            SELECT DISTINCT a.room_id, a.user_id
            FROM unnest(@roomIds, @userIds) AS a (room_id, user_id)
            WHERE a.user_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM memberships b WHERE b.room_id = a.room_id AND b.user_id = a.user_id)
        )
        INSERT INTO memberships (room_id, user_id, role, last_read_seq, joined_at)
        SELECT n.room_id, n.user_id, 'member', MIN(m.seq) - 1, MIN(m.created_at)
        FROM newcomer n
        JOIN rooms r ON r.id = n.room_id
        JOIN messages m ON m.room_id = r.id AND m.seq BETWEEN r.last_seq + 1 AND r.last_seq + @count AND m.user_id = n.user_id
        GROUP BY n.room_id, n.user_id
        ON CONFLICT (room_id, user_id) DO NOTHING
        """;

    // CountOwn for several messages of one author: those that follow the read mark without another's between them move it, the others are counted.
    private const string CountMany = """
        UPDATE memberships b
        SET last_read_seq = CASE WHEN b.last_read_seq + b.own_after_read = o.first - 1 THEN o.first + o.unbroken - 1 ELSE b.last_read_seq END,
            own_after_read = CASE WHEN b.last_read_seq + b.own_after_read = o.first - 1 THEN o.total - o.unbroken ELSE b.own_after_read + o.total END
        FROM (
            SELECT p.room_id, p.user_id, p.first, COUNT(*) AS total, COUNT(*) FILTER (WHERE p.seq - p.place = p.first - 1) AS unbroken
            FROM (
                SELECT m.room_id, m.user_id, m.seq, ROW_NUMBER() OVER (PARTITION BY m.room_id, m.user_id ORDER BY m.seq) AS place, MIN(m.seq) OVER (PARTITION BY m.room_id, m.user_id) AS first
                FROM rooms r
                JOIN messages m ON m.room_id = r.id AND m.seq BETWEEN r.last_seq + 1 AND r.last_seq + @count
                WHERE r.id = ANY(@roomIds) AND m.user_id IS NOT NULL
            ) p
            GROUP BY p.room_id, p.user_id, p.first
        ) o
        WHERE b.room_id = o.room_id AND b.user_id = o.user_id
        """;

    private const string AdvanceRooms = """
        UPDATE rooms r
        SET rev = r.rev + n.total, last_seq = r.last_seq + n.total, last_message_at = n.at
        FROM (
            SELECT k.id, COUNT(*) AS total, MAX(m.created_at) AS at
            FROM rooms k
            JOIN messages m ON m.room_id = k.id AND m.seq BETWEEN k.last_seq + 1 AND k.last_seq + @count
            WHERE k.id = ANY(@roomIds)
            GROUP BY k.id
        ) n
        WHERE r.id = n.id
        """;

    /// <summary>Holds the rooms until the group is done: begins every group of messages.</summary>
    public GroupStatement LockMany(long[] roomIds) => new(LockRooms, ("roomIds", roomIds));

    /// <summary>Ends a group of messages, whose last ones are numbered past their rooms' last: counts them for their authors and raises the rooms' numbers.</summary>
    /// <param name="roomIds">The room of each message.</param>
    /// <param name="userIds">Its author; null for who is no user.</param>
    public IEnumerable<GroupStatement> AdvanceMany(long[] roomIds, long?[] userIds)
    {
        var count = (long)roomIds.Length;
        if (Array.Exists(userIds, id => id is not null))
        {
            yield return new(InsertParticipants, ("roomIds", roomIds), ("userIds", userIds), ("count", count));
            yield return new(CountMany, ("roomIds", roomIds), ("count", count));
        }
        yield return new(AdvanceRooms, ("roomIds", roomIds), ("count", count));
    }
}
