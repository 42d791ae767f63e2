using Teahouse.Storage;

namespace Teahouse.Sinks;

/// <summary>A sink to be made.</summary>
public sealed record NewSink
{
    public required string Kind { get; init; }
    public required string Name { get; init; }
    public required string Config { get; init; }
    public string? Origin { get; init; }
    public long? RoomId { get; init; }
    public long? ProjectId { get; init; }

    /// <summary>Behind which message it begins, 0 for the beginning; null: with what is said from now on.</summary>
    public long? CursorId { get; init; }

    public long? CreatedBy { get; init; }
}

/// <summary>All SQL that writes <c>sinks</c>: what people do with them. What the runner does is in <c>SinkStore.Lease.cs</c>. Thread-safe.</summary>
public sealed partial class SinkStore(Db db, SinkSignal signal, TimeProvider clock)
{
    /// <summary>Sinks of a site.</summary>
    public const int MaxSinks = 10_000;

    private const string Insert = """
        INSERT INTO sinks (kind, name, origin, room_id, project_id, config, cursor_id, state, created_by, created_at)
        VALUES (@kind, @name, @origin, @roomId, @projectId, @config, COALESCE(@cursorId, (SELECT COALESCE(MAX(id), 0) FROM messages)), 'running', @createdBy, @now)
        ON CONFLICT (origin) DO UPDATE SET config = excluded.config
        RETURNING id
        """;

    private const string Delete = "DELETE FROM sinks WHERE id = @id";

    private const string Pause = "UPDATE sinks SET state = 'paused', reason = @reason, wait_until = NULL WHERE id = @id AND state <> 'paused'";

    private const string Resume = """
        UPDATE sinks
        SET state = 'running', reason = NULL, wait_until = NULL, attempts = 0, failing_since = NULL
        WHERE id = @id AND state <> 'running'
        """;

    // Whoever serves it now finds it moved, and lets go of it.
    private const string Reset = "UPDATE sinks SET cursor_id = @cursorId, progress = NULL, due_at = NULL WHERE id = @id";

    private const string Configure = "UPDATE sinks SET name = @name, config = @config WHERE id = @id";

    /// <summary>Returns its id. Of one origin there is one: nodes that start at once make it once.</summary>
    public async Task<long> CreateAsync(DbSession session, NewSink sink)
    {
        var id = await session.GetAsync<long>(Insert, new
        {
            kind = sink.Kind,
            name = sink.Name,
            origin = sink.Origin,
            roomId = sink.RoomId,
            projectId = sink.ProjectId,
            config = sink.Config,
            cursorId = sink.CursorId,
            createdBy = sink.CreatedBy,
            now = clock.GetStoredNow(),
        });
        session.AfterCommit(signal.Set);
        return id;
    }

    public Task<bool> DeleteAsync(DbSession session, long id) => ChangeAsync(session, Delete, new { id });

    /// <summary>Keeps it from being served. Returns false when it is paused already or gone.</summary>
    public Task<bool> PauseAsync(DbSession session, long id, SinkReason reason) => ChangeAsync(session, Pause, new { id, reason = reason.ToString() });

    /// <summary>Has it served at once, also when it waits. Returns false when it runs or is gone.</summary>
    public Task<bool> ResumeAsync(DbSession session, long id) => ChangeAsync(session, Resume, new { id });

    /// <summary>Has it go on behind another message.</summary>
    public Task<bool> ResetAsync(DbSession session, long id, long cursorId) => ChangeAsync(session, Reset, new { id, cursorId });

    public Task<bool> ConfigureAsync(DbSession session, long id, string name, string config) => ChangeAsync(session, Configure, new { id, name, config });

    private async Task<bool> ChangeAsync(DbSession session, string sql, object arguments)
    {
        var isChanged = await session.ExecuteAsync(sql, arguments) > 0;
        session.AfterCommit(signal.Set);
        return isChanged;
    }
}
