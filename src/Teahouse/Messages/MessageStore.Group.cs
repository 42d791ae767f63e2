using System.Data.Common;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>What became of one message of a group.</summary>
public enum StoreVerdict
{
    Stored,

    /// <summary>The room is gone.</summary>
    Gone,

    Archived,

    /// <summary>The author has used the nonce in this room before.</summary>
    Repeated,

    /// <summary>The author is no member, and the room is not open to them.</summary>
    Closed,
}

/// <summary>A row of the answer to <see cref="MessageStore.InsertMany"/>; the numbers are of a stored message only.</summary>
public readonly record struct StoredMessage(int Index, StoreVerdict Verdict, long Id, long Seq, long Rev, DateTimeOffset At, long? WatcherId);

/// <summary>Many messages in one statement, where the database has arrays.</summary>
public sealed partial class MessageStore
{
    // One statement, so that what one part finds the next need not look up again. The rooms are locked (RoomStore.LockMany), so that nobody else gives out their numbers or stores the same
    // nonce meanwhile. Who may speak is decided as in RoomStore.CountOwn and InsertParticipant. The questions are scalar subqueries: EXISTS may be answered by reading the whole table, by a plan
    // that was made while it was small. Ids are drawn in the order of the numbers, after the lock.
    private const string Judge = """
        WITH judged AS (
            SELECT i.item, i.room_id, i.user_id, i.author_key, i.author_name, i.is_guest, i.bot_name, i.nonce, i.text, i.created_at,
                   r.rev, r.last_seq, r.last_message_at, CASE WHEN r.kind = 'project' THEN r.owner_id END AS watcher_id, b.user_id IS NOT NULL AS is_member,
                   CASE WHEN r.id IS NULL OR r.kind = 'gone' THEN 1
                        WHEN r.archived_at IS NOT NULL THEN 2
                        WHEN i.is_repeat
                             OR i.nonce IS NOT NULL
                                AND (SELECT m.id FROM messages m WHERE m.room_id = i.room_id AND m.author_key = i.author_key AND m.nonce = i.nonce) IS NOT NULL THEN 3
                        WHEN i.user_id IS NOT NULL AND b.user_id IS NULL
                             AND (r.access = 'private' OR (SELECT x.user_id FROM bans x WHERE x.room_id = i.room_id AND x.user_id = i.user_id) IS NOT NULL) THEN 4
                        ELSE 0 END AS verdict
            FROM unnest(@items, @roomIds, @userIds, @authorKeys, @authorNames, @areGuests, @botNames, @nonces, @areRepeats, @texts, @createdAt)
                 AS i (item, room_id, user_id, author_key, author_name, is_guest, bot_name, nonce, is_repeat, text, created_at)
            LEFT JOIN rooms r ON r.id = i.room_id
            LEFT JOIN memberships b ON b.room_id = i.room_id AND b.user_id = i.user_id
        ),
        numbered AS (
            SELECT j.item, j.room_id, j.user_id, j.author_key, j.author_name, j.is_guest, j.bot_name, j.nonce, j.text, j.verdict, j.watcher_id, j.is_member,
                   CASE WHEN j.verdict = 0 THEN nextval('messages_id_seq') END AS id,
                   j.last_seq + COUNT(*) FILTER (WHERE j.verdict = 0) OVER place AS seq,
                   j.rev + COUNT(*) FILTER (WHERE j.verdict = 0) OVER place AS rev,
                   GREATEST(j.last_message_at, MAX(j.created_at) FILTER (WHERE j.verdict = 0) OVER place) AS at
            FROM judged j
            WINDOW place AS (PARTITION BY j.room_id ORDER BY j.item)
            ORDER BY j.room_id, j.item
        ),
        stored AS (
            INSERT INTO messages (id, room_id, seq, rev, kind, user_id, author_key, author_name, is_guest, bot_name, nonce, text, created_at)
            SELECT n.id, n.room_id, n.seq, n.rev, @kind, n.user_id, n.author_key, n.author_name, n.is_guest, n.bot_name, n.nonce, n.text, n.at
            FROM numbered n
            WHERE n.verdict = 0
        ),

        """;

    private const string Answer = """

        SELECT n.item, n.verdict, n.id, n.seq, n.rev, n.at, n.watcher_id
        FROM numbered n
        """;

    private const string InsertGroup = Judge + RoomStore.AdvanceNumbered + Answer;

    private const string InsertGroupOfUsers = Judge + RoomStore.CountNumbered + RoomStore.AdvanceNumbered + Answer;

    /// <summary>Numbers and stores texts in rooms that are locked, in their order, counts them for their authors and raises the rooms' numbers. Its rows are read by <see cref="ReadStored"/>.</summary>
    /// <param name="drafts">Without numbers, each with whose nonce it carries.</param>
    /// <param name="roomIds">The room of each.</param>
    public GroupStatement InsertMany(IReadOnlyList<(Message Draft, string? AuthorKey)> drafts, long[] roomIds)
    {
        var count = drafts.Count;
        var (items, createdAt, userIds) = (new int[count], new long[count], new long?[count]);
        var (authorKeys, authorNames, botNames, nonces, texts) = (new string?[count], new string[count], new string?[count], new string?[count], new string[count]);
        var (areGuests, areRepeats, hasUsers) = (new bool[count], new bool[count], false);
        HashSet<(long, string, string)>? seen = null;
        for (var i = 0; i < count; i++)
        {
            var (draft, authorKey) = drafts[i];
            (items[i], createdAt[i], userIds[i]) = (i, draft.CreatedAt.ToUnixTimeMilliseconds(), draft.UserId);
            (authorKeys[i], authorNames[i], botNames[i], texts[i], areGuests[i]) = (authorKey, draft.AuthorName, draft.BotName, draft.Text, draft.IsGuest);
            hasUsers |= draft.UserId is not null;
            if (authorKey is not null && draft.Nonce is { } nonce)
            {
                nonces[i] = nonce;
                areRepeats[i] = !(seen ??= []).Add((roomIds[i], authorKey, nonce));
            }
        }
        return new(hasUsers ? InsertGroupOfUsers : InsertGroup, ("kind", Message.TextKind), ("items", items), ("roomIds", roomIds), ("userIds", userIds), ("authorKeys", authorKeys),
            ("authorNames", authorNames), ("areGuests", areGuests), ("botNames", botNames), ("nonces", nonces), ("areRepeats", areRepeats), ("texts", texts), ("createdAt", createdAt));
    }

    /// <summary>A row of the answer.</summary>
    public static StoredMessage ReadStored(DbDataReader row) => (StoreVerdict)row.GetInt32(1) is var verdict and not StoreVerdict.Stored
        ? new(row.GetInt32(0), verdict, 0, 0, 0, default, null)
        : new(row.GetInt32(0), StoreVerdict.Stored, row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
            row.IsDBNull(6) ? null : row.GetInt64(6));
}
