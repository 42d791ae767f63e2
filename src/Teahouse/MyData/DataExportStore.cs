using Teahouse.Jobs;
using Teahouse.Storage;

namespace Teahouse.MyData;

/// <summary>All SQL of <c>data_exports</c> and their pieces: at most one for a user. Thread-safe.</summary>
internal sealed class DataExportStore(Db db, TimeProvider clock)
{
    /// <summary>How long one may be fetched.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>Who makes one and says nothing for so long has gone.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMinutes(2);

    private const string Columns = "SELECT id, user_id, requested_at, ready_at, due_at, expires_at FROM data_exports";

    private const string OfUser = Columns + " WHERE user_id = @userId";

    private const string FirstWaiting = Columns + " WHERE ready_at IS NULL ORDER BY due_at, id LIMIT 1";

    private const string DeleteReady = "DELETE FROM data_exports WHERE user_id = @userId AND ready_at IS NOT NULL";

    private const string Insert = """
        INSERT INTO data_exports (user_id, requested_at, due_at, expires_at)
        VALUES (@userId, @now, @now, @expiresAt)
        ON CONFLICT (user_id) DO NOTHING
        """;

    private const string Hold = "UPDATE data_exports SET due_at = @until WHERE id = @id AND due_at = @dueAt AND ready_at IS NULL";

    private const string Finish = "UPDATE data_exports SET ready_at = @now, expires_at = @expiresAt WHERE id = @id AND due_at = @dueAt AND ready_at IS NULL";

    private const string InsertPart = "INSERT INTO data_export_parts (export_id, part, content) VALUES (@id, @part, @content)";

    private const string DeleteParts = "DELETE FROM data_export_parts WHERE export_id = @id";

    private const string SelectPart = "SELECT content FROM data_export_parts WHERE export_id = @id AND part = @part";

    private const string DeleteExpired = "DELETE FROM data_exports WHERE expires_at <= @now";

    /// <summary>After the commit of one that was asked for in this process.</summary>
    public event Action? Added;

    /// <summary>Asks for one. What was ready gives way to it; while one is being made nothing happens.</summary>
    public Task RequestAsync(Caller caller, long userId, CancellationToken ct) => db.WriteAsync(async session =>
    {
        var now = clock.GetUtcNow();
        await session.ExecuteAsync(DeleteReady, new { userId });
        if (await session.ExecuteAsync(Insert, new { userId, now, expiresAt = now + Lifetime }) == 1)
        {
            await AuditLog.AddAsync(session, now, caller, "data_requested", caller.Username);
            session.AfterCommit(() => Added?.Invoke());
        }
    }, ct);

    /// <summary>The user's; null when they have asked for none, or it has expired.</summary>
    public async Task<DataExport?> FindAsync(long userId, CancellationToken ct) =>
        await db.FindAsync<DataExport>(OfUser, new { userId }, ct) is { } found && found.ExpiresAt > clock.GetUtcNow() ? found : null;

    /// <summary>The next that nobody makes, for this process alone to make, without the pieces of whoever tried before; null for none.</summary>
    public async Task<DataExport?> TakeAsync(CancellationToken ct) =>
        await db.FindAsync<DataExport>(FirstWaiting, null, ct) is { } waiting && waiting.DueAt <= clock.GetUtcNow()
            ? await db.WriteAsync(async session =>
            {
                if (await HoldAsync(session, waiting) is not { } held)
                {
                    return null;
                }
                await session.ExecuteAsync(DeleteParts, new { id = held.Id });
                return held;
            }, ct)
            : null;

    /// <summary>Adds a piece and holds the export for a while longer; null when it is no longer this process's.</summary>
    public Task<DataExport?> AddPartAsync(DataExport export, long part, string content, CancellationToken ct) => db.WriteAsync(async session =>
    {
        if (await HoldAsync(session, export) is not { } held)
        {
            return null;
        }
        await session.ExecuteAsync(InsertPart, new { id = export.Id, part, content });
        return held;
    }, ct);

    /// <summary>It is whole.</summary>
    public Task FinishAsync(DataExport export, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return db.WriteAsync(session => session.ExecuteAsync(Finish, new { id = export.Id, dueAt = export.DueAt, now, expiresAt = now + Lifetime }), ct);
    }

    /// <summary>A piece; null behind the last one.</summary>
    public Task<string?> FindPartAsync(long id, long part, CancellationToken ct) => db.FindAsync<string>(SelectPart, new { id, part }, ct);

    public Task DropExpiredAsync(CancellationToken ct) => db.WriteAsync(session => session.ExecuteAsync(DeleteExpired, new { now = clock.GetUtcNow() }), ct);

    private async Task<DataExport?> HoldAsync(DbSession session, DataExport export)
    {
        // As the database keeps times, so that it can be compared with what is stored.
        var until = DateTimeOffset.FromUnixTimeMilliseconds(Math.Max((clock.GetUtcNow() + Silence).ToUnixTimeMilliseconds(), export.DueAt.ToUnixTimeMilliseconds() + 1));
        return await session.ExecuteAsync(Hold, new { id = export.Id, dueAt = export.DueAt, until }) == 1 ? export with { DueAt = until } : null;
    }
}

/// <summary>A row of <c>data_exports</c>.</summary>
public sealed record DataExport
{
    public required long Id { get; init; }
    public required long UserId { get; init; }
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Null while it is being made.</summary>
    public DateTimeOffset? ReadyAt { get; init; }

    public required DateTimeOffset DueAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
}

/// <summary>Every hour: what may no longer be fetched.</summary>
internal sealed class DropOldExports(DataExportStore store) : IScheduledWork
{
    public string Name => "old-exports";

    public string Cron => "0 47 * * * ?";

    public Task RunAsync(CancellationToken ct) => store.DropExpiredAsync(ct);
}
