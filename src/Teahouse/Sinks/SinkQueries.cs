using Teahouse.Storage;

namespace Teahouse.Sinks;

/// <summary>A sink as people are shown it.</summary>
public sealed record SinkView(SinkRow Sink)
{
    /// <summary>The room's name; null for all rooms' or a project's messages.</summary>
    public string? Room { get; init; }

    /// <summary>The project's slug.</summary>
    public string? Project { get; init; }

    /// <summary>Who made it; null for the settings, or an account that is gone.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>Messages not delivered yet; no more than <see cref="SinkQueries.MaxLag"/> are counted.</summary>
    public long LagMessages { get; init; }

    /// <summary>When the oldest of those was said.</summary>
    public DateTimeOffset? LagSince { get; init; }

    /// <summary>The newest message there is, up to which the cursor goes.</summary>
    public long Newest { get; init; }
}

/// <summary>SQL that reads sinks for pages, the API and metrics. Thread-safe.</summary>
public sealed class SinkQueries(Db db)
{
    /// <summary>Messages behind a cursor are counted up to this.</summary>
    public const int MaxLag = 20_000;

    private const int MaxListed = 500;

    private const string Columns = "SELECT " + SinkStore.Columns + " FROM sinks";

    private const string ByOrigin = Columns + """

        WHERE origin = @origin
        """;

    private const string ById = Columns + """

        WHERE id = @id
        """;

    // Webhooks are many, and each is its owner's concern: metrics count them together.
    private const string All = Columns + """

        WHERE @withWebhooks OR kind <> 'webhook'
        ORDER BY id
        LIMIT @limit
        """;

    private const string OfKind = Columns + """

        WHERE kind = @kind
        ORDER BY id
        LIMIT @limit
        """;

    // A webhook's rooms are its own table's; a sink without any scope wants all.
    private const string DeliveredOfRoom = """
        SELECT MIN(s.cursor_id)
        FROM sinks s
        WHERE (s.room_id = @roomId
               OR EXISTS (SELECT 1 FROM project_chats c WHERE c.room_id = @roomId AND c.project_id = s.project_id)
               OR EXISTS (SELECT 1 FROM webhooks w JOIN webhook_rooms wr ON wr.webhook_id = w.id WHERE w.sink_id = s.id AND wr.room_id = @roomId)
               OR (s.room_id IS NULL AND s.project_id IS NULL AND s.kind <> 'webhook'))
          AND (s.failing_since IS NULL OR s.failing_since > @since)
          AND (s.state <> 'paused' OR COALESCE(s.last_error_at, s.last_success_at, s.created_at) > @since)
        """;

    private const string Names = """
        SELECT s.id, r.name AS room, p.slug AS project, u.username AS created_by
        FROM sinks s
        LEFT JOIN rooms r ON r.id = s.room_id
        LEFT JOIN projects p ON p.id = s.project_id
        LEFT JOIN users u ON u.id = s.created_by
        ORDER BY s.id
        LIMIT @limit
        """;

    private const string Lag = """
        SELECT COUNT(*) AS messages, MIN(b.created_at) AS oldest
        FROM (SELECT id, room_id, created_at FROM messages WHERE id > @after ORDER BY id LIMIT @stretch) b
        WHERE (@roomId IS NULL OR b.room_id = @roomId)
          AND (@projectId IS NULL OR b.room_id IN (SELECT c.room_id FROM project_chats c WHERE c.project_id = @projectId))
          AND (@kind <> 'webhook' OR b.room_id IN (SELECT wr.room_id FROM webhook_rooms wr JOIN webhooks w ON w.id = wr.webhook_id WHERE w.sink_id = @id))
        """;

    private const string PausedNames = "SELECT name FROM sinks WHERE state = 'paused' ORDER BY id LIMIT 3";

    public Task<SinkRow?> FindByOriginAsync(string origin, CancellationToken ct) => db.ReadAsync(session => session.FindAsync<SinkRow>(ByOrigin, new { origin }), ct);

    public Task<SinkRow?> FindAsync(long id, CancellationToken ct) => db.ReadAsync(session => session.FindAsync<SinkRow>(ById, new { id }), ct);

    public Task<List<SinkRow>> ListOfKindAsync(DbSession session, string kind) => session.QueryAsync<SinkRow>(OfKind, new { kind, limit = SinkStore.MaxSinks });

    /// <summary>All sinks, with how far behind they are.</summary>
    public Task<List<SinkView>> ListAsync(CancellationToken ct, bool withWebhooks = true) => db.ReadAsync(async session =>
    {
        var sinks = await session.QueryAsync<SinkRow>(All, new { withWebhooks, limit = MaxListed });
        var names = (await session.QueryAsync<NamesRow>(Names, new { limit = MaxListed })).ToDictionary(row => row.Id);
        var newest = await SinkLog.FindNewestAsync(session);
        List<SinkView> views = [];
        foreach (var sink in sinks)
        {
            var lag = sink.CursorId >= newest ? new LagRow { Messages = 0 }
                : await session.GetAsync<LagRow>(Lag, new { after = sink.CursorId, stretch = MaxLag, roomId = sink.RoomId, projectId = sink.ProjectId, kind = sink.Kind, id = sink.Id });
            views.Add(new SinkView(sink)
            {
                Room = names[sink.Id].Room,
                Project = names[sink.Id].Project,
                CreatedBy = names[sink.Id].CreatedBy,
                LagMessages = lag.Messages,
                LagSince = lag.Oldest,
                Newest = newest,
            });
        }
        return views;
    }, ct);

    /// <summary>The message's id up to which every sink that wants a room's messages has got them; null when there is no such sink. Those that have been paused or failing since before
    /// <paramref name="since"/> are passed over.</summary>
    public static Task<long?> FindDeliveredAsync(DbSession session, long roomId, DateTimeOffset since) => session.FindAsync<long?>(DeliveredOfRoom, new { roomId, since });

    /// <summary>The names of paused sinks, a few of them.</summary>
    public Task<List<string>> ListPausedAsync(CancellationToken ct) => db.ReadAsync(session => session.QueryAsync<string>(PausedNames), ct);

    private sealed record NamesRow
    {
        public required long Id { get; init; }
        public string? Room { get; init; }
        public string? Project { get; init; }
        public string? CreatedBy { get; init; }
    }

    private sealed record LagRow
    {
        public required long Messages { get; init; }
        public DateTimeOffset? Oldest { get; init; }
    }
}
