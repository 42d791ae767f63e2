using Teahouse.Messages;
using Teahouse.Storage;

namespace Teahouse.Sinks;

/// <summary>SQL that reads the log of all messages for sinks, in the order of their ids, which inside a room is the room's own. Thread-safe.</summary>
internal sealed class SinkLog(Db db)
{
    /// <summary>How much of the log one read looks through for a sink that wants little of it.</summary>
    private const int Stretch = 5000;

    private const int ListedAtOnce = 500;

    private const string Newest = "SELECT COALESCE(MAX(id), 0) FROM messages";

    private const string EndOfStretch = """
        SELECT MAX(s.id)
        FROM (SELECT id FROM messages WHERE id > @after AND id <= @settled ORDER BY id LIMIT @stretch) s
        """;

    private const string Columns = """
        SELECT m.id, m.room_id, m.seq, m.rev, m.kind, m.user_id, m.author_name, COALESCE(NULLIF(m.bot_name, ''), u.display_name, '') AS display_name, m.is_guest, m.nonce,
               CASE WHEN m.deleted_at IS NULL THEN m.text ELSE '' END AS text, m.event, m.created_at, m.edited_at, m.deleted_at, m.bot_name,
               CASE WHEN m.bot_name IS NULL THEN u.avatar_colour END AS avatar_colour, r.name AS room
        FROM messages m
        JOIN rooms r ON r.id = m.room_id
        LEFT JOIN users u ON u.id = m.user_id
        WHERE m.id > @after AND m.id <= @through AND r.kind <> 'gone'
        """;

    private const string OfAll = Columns + """

        ORDER BY m.id
        LIMIT @limit
        """;

    private const string OfProject = Columns + """
         AND m.room_id IN (SELECT c.room_id FROM project_chats c WHERE c.project_id = @projectId)
        ORDER BY m.id
        LIMIT @limit
        """;

    private const string OfRooms = Columns + """
         AND @rooms LIKE '%,' || m.room_id || ',%'
        ORDER BY m.id
        LIMIT @limit
        """;

    private const string Count = """
        SELECT COUNT(*)
        FROM messages m
        WHERE m.id > @after AND m.id <= @through
          AND (@rooms IS NULL OR @rooms LIKE '%,' || m.room_id || ',%')
          AND (@projectId IS NULL OR m.room_id IN (SELECT c.room_id FROM project_chats c WHERE c.project_id = @projectId))
        """;

    private const string ById = Columns + """
         AND @list LIKE '%,' || m.id || ',%'
        ORDER BY m.id
        """;

    /// <summary>The highest id there is.</summary>
    public static Task<long> FindNewestAsync(DbSession session) => session.GetAsync<long>(Newest);

    /// <inheritdoc cref="FindNewestAsync(DbSession)"/>
    public Task<long> FindNewestAsync(CancellationToken ct) => db.ReadAsync(FindNewestAsync, ct);

    /// <summary>At most <paramref name="limit"/> messages behind a cursor.</summary>
    /// <param name="scope">Whose.</param>
    /// <param name="after">The cursor.</param>
    /// <param name="settled">Up to where the log is settled (<see cref="SettledIds"/>).</param>
    /// <param name="limit">How many.</param>
    /// <param name="ct">Ends the wait.</param>
    public Task<SinkPage> ReadAsync(SinkScope scope, long after, long settled, int limit, CancellationToken ct) => db.ReadAsync(async session =>
    {
        var stretch = scope == SinkScope.All ? limit : Stretch;
        var end = await session.FindAsync<long?>(EndOfStretch, new { after, settled, stretch });
        if (end is not { } through)
        {
            // What was drawn beyond the last message was undone, or its room is gone.
            return new SinkPage([], Math.Max(after, settled), IsEnd: true);
        }
        var rows = scope switch
        {
            { RoomIds.Count: 0 } => [],
            { RoomIds: { } roomIds } => await session.QueryAsync<LogRow>(OfRooms, new { after, through, rooms = List(roomIds), limit }),
            { ProjectId: { } projectId } => await session.QueryAsync<LogRow>(OfProject, new { after, through, projectId, limit }),
            _ => await session.QueryAsync<LogRow>(OfAll, new { after, through, limit }),
        };
        if (rows.Count == limit)
        {
            through = rows[^1].Id;
        }
        return new SinkPage([.. rows.Select(row => row.ToMessage())], through, IsEnd: through >= settled);
    }, ct);

    /// <summary>How many messages there are behind one and up to another.</summary>
    public Task<long> CountAsync(SinkScope scope, long after, long through, CancellationToken ct) => db.ReadAsync(session =>
        session.GetAsync<long>(Count, new { after, through, rooms = scope.RoomIds is { } roomIds ? List(roomIds) : null, projectId = scope.ProjectId }), ct);

    /// <summary>Those of these messages that are still there, in their order.</summary>
    public async Task<IReadOnlyList<SinkMessage>> ListAsync(IEnumerable<long> ids, CancellationToken ct)
    {
        List<SinkMessage> found = [];
        foreach (var some in ids.Order().Chunk(ListedAtOnce))
        {
            found.AddRange(await db.ReadAsync(async session =>
                (await session.QueryAsync<LogRow>(ById, new { after = some[0] - 1, through = some[^1], list = List(some) })).ConvertAll(row => row.ToMessage()), ct));
        }
        return found;
    }

    /// <summary>Numbers as both databases can look in: between commas.</summary>
    private static string List(IEnumerable<long> numbers) => $",{string.Join(',', numbers)},";

    private sealed record LogRow
    {
        public required long Id { get; init; }
        public required long RoomId { get; init; }
        public required long Seq { get; init; }
        public required long Rev { get; init; }
        public required string Kind { get; init; }
        public long? UserId { get; init; }
        public required string AuthorName { get; init; }
        public required string DisplayName { get; init; }
        public required bool IsGuest { get; init; }
        public string? Nonce { get; init; }
        public required string Text { get; init; }
        public string? Event { get; init; }
        public required DateTimeOffset CreatedAt { get; init; }
        public DateTimeOffset? EditedAt { get; init; }
        public DateTimeOffset? DeletedAt { get; init; }
        public string? BotName { get; init; }
        public long? AvatarColour { get; init; }
        public required string Room { get; init; }

        public SinkMessage ToMessage() => new(new Message
        {
            Id = Id,
            RoomId = RoomId,
            Seq = Seq,
            Rev = Rev,
            Kind = Kind,
            UserId = UserId,
            AuthorName = AuthorName,
            DisplayName = DisplayName,
            IsGuest = IsGuest,
            Nonce = Nonce,
            Text = Text,
            Event = Event,
            CreatedAt = CreatedAt,
            EditedAt = EditedAt,
            DeletedAt = DeletedAt,
            BotName = BotName,
            AvatarColour = AvatarColour,
        }, Room);
    }
}

/// <summary>A piece of the log.</summary>
/// <param name="Messages">What the sink wants of it.</param>
/// <param name="Through">How far was read.</param>
/// <param name="IsEnd">Nothing more is settled yet.</param>
internal sealed record SinkPage(IReadOnlyList<SinkMessage> Messages, long Through, bool IsEnd);
