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

    // Sheets are few, and never left out.
    private const string All = "SELECT " + SinkStore.Columns + """
        , (SELECT r.name FROM rooms r WHERE r.id = sinks.room_id) AS room,
               (SELECT p.slug FROM projects p WHERE p.id = sinks.project_id) AS project,
               (SELECT u.username FROM users u WHERE u.id = sinks.created_by) AS created_by
        FROM sinks
        ORDER BY CASE WHEN kind = 'webhook' THEN 1 ELSE 0 END, id
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

    private const string PausedNames = "SELECT name FROM sinks WHERE state = 'paused' ORDER BY id LIMIT 3";

    public Task<SinkRow?> FindByOriginAsync(string origin, CancellationToken ct) => db.FindAsync<SinkRow>(ByOrigin, new { origin }, ct);

    public Task<SinkRow?> FindAsync(long id, CancellationToken ct) => db.FindAsync<SinkRow>(ById, new { id }, ct);

    public Task<List<SinkRow>> ListOfKindAsync(DbSession session, string kind) => session.QueryAsync<SinkRow>(OfKind, new { kind, limit = SinkStore.MaxSinks });

    /// <summary>Sinks in the order of their ids, with how far behind they are.</summary>
    /// <param name="ct">Ends the wait.</param>
    /// <param name="limit">At most so many; webhooks are left out first.</param>
    public Task<List<SinkView>> ListAsync(CancellationToken ct, int limit = MaxListed) => db.ReadAsync(async session =>
    {
        var sinks = await session.QueryAsync<ListedSink>(All, new { limit });
        var newest = await SinkLog.FindNewestAsync(session);
        var lags = await SinkLags.ReadAsync(session, sinks, newest);
        return sinks.OrderBy(sink => sink.Id).Select(sink => new SinkView(sink)
        {
            Room = sink.Room,
            Project = sink.Project,
            CreatedBy = sink.CreatedBy,
            LagMessages = lags.GetValueOrDefault(sink.Id)?.Messages ?? 0,
            LagSince = lags.GetValueOrDefault(sink.Id)?.Since,
            Newest = newest,
        }).ToList();
    }, ct);

    /// <summary>The message's id up to which every sink that wants a room's messages has got them; null when there is no such sink. Those that have been paused or failing since before
    /// <paramref name="since"/> are passed over.</summary>
    public static Task<long?> FindDeliveredAsync(DbSession session, long roomId, DateTimeOffset since) => session.FindAsync<long?>(DeliveredOfRoom, new { roomId, since });

    /// <summary>The names of paused sinks, a few of them.</summary>
    public Task<List<string>> ListPausedAsync(CancellationToken ct) => db.QueryAsync<string>(PausedNames, null, ct);

    private sealed record ListedSink : SinkRow
    {
        public string? Room { get; init; }
        public string? Project { get; init; }
        public string? CreatedBy { get; init; }
    }
}
