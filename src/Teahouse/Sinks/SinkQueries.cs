using Teahouse.Storage;

namespace Teahouse.Sinks;

/// <summary>SQL that reads sinks for pages, the API and metrics. Thread-safe.</summary>
internal sealed class SinkQueries(Db db)
{
    private const string Columns = """
        SELECT s.id, s.kind, s.name, s.origin, s.room_id, s.project_id, s.config, s.progress, s.cursor_id, s.state, s.reason, s.wait_until, s.due_at, s.attempts, s.failing_since, s.delivered,
               s.last_success_at, s.last_error, s.last_error_at, s.created_at
        FROM sinks s
        """;

    private const string ByOrigin = Columns + """

        WHERE s.origin = @origin
        """;

    private const string ById = Columns + """

        WHERE s.id = @id
        """;

    public Task<SinkRow?> FindByOriginAsync(string origin, CancellationToken ct) => db.ReadAsync(session => session.FindAsync<SinkRow>(ByOrigin, new { origin }), ct);

    public Task<SinkRow?> FindAsync(long id, CancellationToken ct) => db.ReadAsync(session => session.FindAsync<SinkRow>(ById, new { id }), ct);
}
