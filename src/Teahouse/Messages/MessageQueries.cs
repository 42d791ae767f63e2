using System.Text.Json;
using Teahouse.Accounts;
using Teahouse.Realtime;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>Reads messages for screens, API and catch-up. Always by keyset, never by offset. Stateless.</summary>
public sealed class MessageQueries
{
    private const string Columns = """
        SELECT m.id, m.room_id, m.seq, m.rev, m.kind, m.user_id, m.author_name, COALESCE(NULLIF(m.bot_name, ''), u.display_name) AS display_name, m.is_guest, m.nonce,
               CASE WHEN m.deleted_at IS NULL THEN m.text ELSE '' END AS text, m.event, m.created_at, m.edited_at, m.deleted_at, m.bot_name,
               CASE WHEN m.bot_name IS NULL THEN u.avatar_colour END AS avatar_colour, m.author_key, m.first_rev
        FROM messages m
        LEFT JOIN users u ON u.id = m.user_id
        """;

    private const string Before = Columns + """

        WHERE m.room_id = @roomId AND m.seq < @before
        ORDER BY m.seq DESC
        LIMIT @limit
        """;

    private const string After = Columns + """

        WHERE m.room_id = @roomId AND m.seq > @after
        ORDER BY m.seq
        LIMIT @limit
        """;

    // A message that never changed has a rev that grows with its seq, and at most (rev - after) messages can be newer than revision @after: the
    // search begins there. Changed ones are found by the partial index.
    private const string Changes = Columns + """

        WHERE m.room_id = @roomId AND m.seq > @fromSeq AND m.rev > @afterRev AND m.edited_at IS NULL AND m.deleted_at IS NULL
        ORDER BY m.seq
        LIMIT @limit
        """;

    private const string Edits = Columns + """

        WHERE m.room_id = @roomId AND m.rev > @afterRev AND (m.edited_at IS NOT NULL OR m.deleted_at IS NOT NULL)
        ORDER BY m.rev
        LIMIT @limit
        """;

    // Inside a room ids grow with the numbers, which are what the index knows.
    private const string AfterId = Columns + """

        WHERE m.room_id = @roomId AND m.seq > @after AND m.id > @lastId AND m.deleted_at IS NULL
        ORDER BY m.seq
        LIMIT @limit
        """;

    private const string OwnBetween = "SELECT COUNT(*) FROM messages WHERE room_id = @roomId AND seq > @after AND seq <= @upTo AND user_id = @userId";

    private const string SeqOfId = "SELECT seq FROM messages WHERE id = @lastId AND room_id = @roomId";

    // For an id that is not of this room: back from the newest, of which a reader who polls lacks few.
    private const string SeqBeforeId = """
        SELECT seq
        FROM messages
        WHERE room_id = @roomId AND id < @lastId
        ORDER BY seq DESC
        LIMIT 1
        """;

    private const string ByNonce = Columns + """

        WHERE m.room_id = @roomId AND m.author_key = @authorKey AND m.nonce = @nonce
        """;

    private const string Targets = """
        SELECT id, room_id, kind, author_key, author_name
        FROM messages
        WHERE id IN {=ids}
        LIMIT 1000
        """;

    private const string OneOfRoom = Columns + """

        WHERE m.id = @id AND m.room_id = @roomId
        """;

    private const string IdAfter = "SELECT MIN(id) FROM messages WHERE id > @id";

    private const string IdBefore = "SELECT MAX(id) FROM messages WHERE id < @id";

    private const string NewestId = "SELECT COALESCE(MAX(id), 0) FROM messages";

    // What they said, and what the rooms say of them.
    private const string OfUser = """
        SELECT id, room_id, kind, author_key, author_name
        FROM messages
        WHERE id > @after AND id <= @until
          AND (user_id = @userId OR (kind = 'system' AND (event LIKE @asActor ESCAPE '\' OR event LIKE @asUser ESCAPE '\')))
        ORDER BY id
        LIMIT 100000
        """;

    private static readonly HotStatement HotOneOfRoom = new(OneOfRoom, "@id", "@roomId");
    private static readonly HotStatement HotBefore = new(Before, "@roomId", "@before", "@limit");
    private static readonly HotStatement HotAfter = new(After, "@roomId", "@after", "@limit");
    private static readonly HotStatement HotAfterId = new(AfterId, "@roomId", "@after", "@lastId", "@limit");
    private static readonly HotStatement HotChanges = new(Changes, "@roomId", "@fromSeq", "@afterRev", "@limit");
    private static readonly HotStatement HotEdits = new(Edits, "@roomId", "@afterRev", "@limit");

    private const string Heads = "SELECT rev, last_seq FROM rooms WHERE id = @roomId AND kind <> 'gone'";

    /// <summary>How many messages after one number and up to another are an account's own. It looks at each of them: the caller sees to it that they are few.</summary>
    public static Task<long> CountOwnAsync(DbSession session, long roomId, long userId, long after, long upTo) =>
        session.GetAsync<long>(OwnBetween, new { roomId, userId, after, upTo });

    /// <summary>The newest <paramref name="limit"/> messages before <paramref name="before"/>, oldest first.</summary>
    public async Task<List<Message>> ListBeforeAsync(DbSession session, long roomId, long before, int limit)
    {
        var messages = await session.QueryAsync(HotBefore, Read, [roomId, before, limit]);
        messages.Reverse();
        return messages;
    }

    /// <summary>The oldest <paramref name="limit"/> messages after <paramref name="after"/>, oldest first.</summary>
    public Task<List<Message>> ListAfterAsync(DbSession session, long roomId, long after, int limit) =>
        session.QueryAsync(HotAfter, Read, [roomId, after, limit]);

    /// <summary>The oldest <paramref name="limit"/> messages with ids greater than <paramref name="lastId"/>, oldest first, without the deleted ones: for readers who know ids only.</summary>
    public async Task<List<Message>> ListAfterIdAsync(DbSession session, long roomId, long lastId, int limit)
    {
        var after = lastId <= 0 ? 0
            : await session.FindAsync<long?>(SeqOfId, new { lastId, roomId }) ?? await session.FindAsync<long?>(SeqBeforeId, new { lastId, roomId }) ?? 0;
        return await session.QueryAsync(HotAfterId, Read, [roomId, after, lastId, limit]);
    }

    /// <summary>The messages that changed after revision <paramref name="afterRev"/>, lowest revision first, at most <paramref name="limit"/>; each once, as it is now.</summary>
    public async Task<List<Message>> ListChangesAsync(DbSession session, long roomId, Head head, long afterRev, int limit)
    {
        var fromSeq = Math.Max(0, head.LastSeq - Math.Max(0, head.Rev - afterRev));
        var messages = await session.QueryAsync(HotChanges, Read, [roomId, fromSeq, afterRev, limit]);
        messages.AddRange(await session.QueryAsync(HotEdits, Read, [roomId, afterRev, limit]));
        messages.Sort(static (a, b) => a.Rev.CompareTo(b.Rev));
        if (messages.Count > limit)
        {
            messages.RemoveRange(limit, messages.Count - limit);
        }
        return messages;
    }

    public Task<Message?> FindByNonceAsync(DbSession session, long roomId, string authorKey, string nonce) =>
        session.FindAsync<Message>(ByNonce, new { roomId, authorKey, nonce });

    /// <summary>The message of a room as it is, removed or not; null when it is another room's, or gone.</summary>
    internal static Task<Message?> FindAsync(DbSession session, long roomId, long id) => session.FindAsync(HotOneOfRoom, Read, [id, roomId]);

    /// <summary>0 before the first.</summary>
    internal static Task<long> FindNewestIdAsync(DbSession session) => session.GetAsync<long>(NewestId);

    /// <summary>The next message's id; null behind the last.</summary>
    internal static Task<long?> FindIdAfterAsync(DbSession session, long id) => session.FindAsync<long?>(IdAfter, new { id });

    /// <summary>The id of the one before; null before the first.</summary>
    internal static Task<long?> FindIdBeforeAsync(DbSession session, long id) => session.FindAsync<long?>(IdBefore, new { id });

    /// <summary>Messages with ids in a stretch that an account wrote, and those that tell of it by its name.</summary>
    internal static Task<List<MessageTarget>> ListOfUserAsync(DbSession session, User user, long after, long until)
    {
        var name = JsonSerializer.Serialize(user.Username, ControlFrames.Json);
        return session.QueryAsync<MessageTarget>(OfUser, new
        {
            userId = user.Id,
            after,
            until,
            asActor = LikePattern.Containing($"\"actor\":{name}"),
            asUser = LikePattern.Containing($"\"user\":{name}"),
        });
    }

    /// <summary>Where a message is and whose it is; null when there is none.</summary>
    public async Task<MessageTarget?> FindTargetAsync(DbSession session, long id) => (await ListTargetsAsync(session, [id])).SingleOrDefault();

    /// <summary>Those of these messages that exist, in no order.</summary>
    public async Task<IReadOnlyList<MessageTarget>> ListTargetsAsync(DbSession session, IReadOnlyList<long> ids) =>
        ids.Count == 0 ? [] : await session.QueryAsync<MessageTarget>(Targets, new { ids });

    /// <summary>The room's newest revision and number; null when it is gone.</summary>
    public Task<Head?> FindHeadAsync(DbSession session, long roomId) => session.FindAsync<Head>(Heads, new { roomId });

    /// <summary>A row of <see cref="Columns"/>.</summary>
    private static Message Read(Row row) => new()
    {
        Id = row.Int64At(0),
        RoomId = row.Int64At(1),
        Seq = row.Int64At(2),
        Rev = row.Int64At(3),
        Kind = row.StringAt(4),
        UserId = row.NumberAt(5),
        AuthorName = row.StringAt(6),
        DisplayName = row.TextAt(7) ?? "",
        IsGuest = row.BooleanAt(8),
        Nonce = row.TextAt(9),
        Text = row.StringAt(10),
        Event = row.TextAt(11),
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Int64At(12)),
        EditedAt = row.TimeAt(13),
        DeletedAt = row.TimeAt(14),
        BotName = row.TextAt(15),
        AvatarColour = row.NumberAt(16),
        AuthorKey = row.TextAt(17),
        FirstRev = row.NumberAt(18),
    };
}

/// <summary>A room's newest revision and message number.</summary>
public sealed record Head
{
    public required long Rev { get; init; }
    public required long LastSeq { get; init; }
}

/// <summary>A message that something is to be done to.</summary>
public sealed record MessageTarget
{
    public required long Id { get; init; }
    public required long RoomId { get; init; }
    public required string Kind { get; init; }

    /// <summary>See <see cref="Caller.AuthorKey"/>.</summary>
    public string? AuthorKey { get; init; }

    public required string AuthorName { get; init; }

    /// <summary>The guest who wrote it; null for everybody else, and for visitors without a nickname of their own.</summary>
    public string? GuestId => AuthorKey is ['g', ':', ..] ? AuthorKey[2..] : null;
}
