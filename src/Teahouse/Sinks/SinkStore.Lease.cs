using Teahouse.Storage;

namespace Teahouse.Sinks;

/// <summary>What the runner writes. A process serves a sink only while it holds its lease; where one process owns the database there is nobody to hold it against, and none is written.</summary>
public sealed partial class SinkStore
{
    internal const string Columns = "id, kind, name, origin, room_id, project_id, config, progress, cursor_id, state, reason, wait_until, due_at, attempts, failing_since, delivered, last_success_at, last_error, last_error_at, created_at";

    private const string ListUnpaused = """
        SELECT id, kind, cursor_id, state, wait_until, due_at, lease_until
        FROM sinks
        WHERE state <> 'paused'
        ORDER BY id
        LIMIT 10000
        """;

    private const string Take = "UPDATE sinks SET lease_owner = @owner, lease_until = @until WHERE id = @id AND state <> 'paused' AND (lease_until IS NULL OR lease_until < @dbNow) RETURNING " + Columns;

    private const string FindFree = "SELECT " + Columns + " FROM sinks WHERE id = @id AND state <> 'paused'";

    private const string Renew = "UPDATE sinks SET lease_until = @until WHERE id = @id AND lease_owner = @owner AND lease_until >= @dbNow";

    private const string Release = "UPDATE sinks SET lease_owner = NULL, lease_until = NULL WHERE id = @id AND lease_owner = @owner";

    // Of a process that has gone; only where one process owns the database.
    private const string ReleaseAll = "UPDATE sinks SET lease_owner = NULL, lease_until = NULL WHERE lease_owner IS NOT NULL";

    private const string Held = "id = @id AND cursor_id = @cursorId AND (@isAlone OR (lease_owner = @owner AND lease_until >= @dbNow))";

    private const string SaveProgress = "UPDATE sinks SET progress = @progress WHERE " + Held + " AND state <> 'paused'";

    // A person's pause stands, whatever came of the turn that was under way.
    private const string Advance = """
        UPDATE sinks
        SET cursor_id = @upTo,
            delivered = delivered + @count,
            progress = COALESCE(@progress, progress),
            due_at = @dueAt,
            last_success_at = CASE WHEN @isSuccess THEN @now ELSE last_success_at END,
            attempts = CASE WHEN @isSuccess THEN 0 ELSE attempts END,
            failing_since = CASE WHEN @isSuccess THEN NULL ELSE failing_since END,
            reason = CASE WHEN state = 'paused' THEN reason ELSE NULL END,
            wait_until = CASE WHEN state = 'paused' THEN wait_until ELSE NULL END,
            state = CASE WHEN state = 'paused' THEN state ELSE 'running' END
        WHERE
        """ + " " + Held + " RETURNING " + Columns;

    private const string Fail = """
        UPDATE sinks
        SET cursor_id = @upTo,
            delivered = delivered + @count,
            progress = COALESCE(@progress, progress),
            due_at = @dueAt,
            attempts = attempts + 1,
            failing_since = COALESCE(failing_since, @now),
            last_error = @reason,
            last_error_at = @now,
            reason = CASE WHEN state = 'paused' THEN reason ELSE @reason END,
            wait_until = CASE WHEN state = 'paused' THEN wait_until ELSE @waitUntil END,
            state = CASE WHEN state = 'paused' THEN state ELSE @state END
        WHERE
        """ + " " + Held;

    private const string Finish = "DELETE FROM sinks WHERE " + Held;

    /// <summary>Sinks that nobody serves, and that are not paused.</summary>
    internal async Task<List<ServableSink>> ListServableAsync(CancellationToken ct)
    {
        var sinks = await db.QueryAsync<ServableSink>(ListUnpaused, null, ct);
        if (sinks.TrueForAll(static sink => sink.LeaseUntil is null))
        {
            return sinks;
        }
        // By its own clock. What was renewed since is found out by whoever tries to take it.
        var dbNow = await db.ReadAsync(db.GetNowAsync, ct);
        return sinks.FindAll(sink => sink.LeaseUntil is null || sink.LeaseUntil < dbNow);
    }

    /// <summary>Takes the lease and returns the sink as it is; null when somebody else has it. With <paramref name="mustWrite"/> one that has passed is written where there is nobody to hold it
    /// against: a database that takes nothing is found out before anything is delivered.</summary>
    internal Task<SinkRow?> TakeAsync(long id, string owner, TimeSpan lease, CancellationToken ct, bool mustWrite = false) => !db.IsShared && !mustWrite
        ? db.FindAsync<SinkRow>(FindFree, new { id }, ct)
        : db.WriteAsync(async session =>
        {
            var dbNow = await db.GetNowAsync(session);
            return await session.FindAsync<SinkRow>(Take, new { id, owner, dbNow, until = db.IsShared ? dbNow + (long)lease.TotalMilliseconds : dbNow - 1 });
        }, ct);

    /// <summary>Returns false when the lease has passed: nothing more may be done then.</summary>
    internal Task<bool> RenewAsync(long id, string owner, TimeSpan lease, CancellationToken ct) => db.WriteAsync(async session =>
    {
        var dbNow = await db.GetNowAsync(session);
        return await session.ExecuteAsync(Renew, new { id, owner, dbNow, until = dbNow + (long)lease.TotalMilliseconds }) > 0;
    }, ct);

    internal Task ReleaseAsync(long id, string owner, CancellationToken ct) =>
        db.IsShared ? db.WriteAsync(session => session.ExecuteAsync(Release, new { id, owner }), ct) : Task.CompletedTask;

    internal Task ReleaseAllAsync(CancellationToken ct) => db.WriteAsync(session => session.ExecuteAsync(ReleaseAll), ct);

    /// <exception cref="LeaseLostException">The sink is another's, was moved, paused or removed.</exception>
    internal async Task SaveProgressAsync(SinkRow sink, string owner, string progress, CancellationToken ct)
    {
        var isSaved = await db.WriteAsync(async session =>
            await session.ExecuteAsync(SaveProgress, new { id = sink.Id, cursorId = sink.CursorId, owner, progress, isAlone = !db.IsShared, dbNow = await db.GetNowAsync(session) }) > 0, ct);
        if (!isSaved)
        {
            throw new LeaseLostException();
        }
    }

    /// <summary>Moves the cursor, and returns the sink as it is then; null when it was another's, moved by a person, or is gone.</summary>
    internal Task<SinkRow?> AdvanceAsync(SinkRow sink, string owner, SinkResult result, bool isSuccess, CancellationToken ct) => db.WriteAsync(async session =>
        await session.FindAsync<SinkRow>(Advance, new
        {
            id = sink.Id,
            cursorId = sink.CursorId,
            owner,
            isAlone = !db.IsShared,
            dbNow = await db.GetNowAsync(session),
            upTo = Math.Max(sink.CursorId, result.UpTo),
            count = result.Count,
            progress = result.Progress,
            dueAt = result.DueAt,
            isSuccess,
            now = clock.GetStoredNow(),
        }), ct);

    /// <param name="sink">As it was when the turn began.</param>
    /// <param name="owner">Who served it.</param>
    /// <param name="result">With a reason.</param>
    /// <param name="waitUntil">Null: until a person resumes it.</param>
    /// <param name="ct">Honoured until the work begins.</param>
    internal Task<bool> FailAsync(SinkRow sink, string owner, SinkResult result, DateTimeOffset? waitUntil, CancellationToken ct) => db.WriteAsync(async session =>
    {
        var isWritten = await session.ExecuteAsync(Fail, new
        {
            id = sink.Id,
            cursorId = sink.CursorId,
            owner,
            isAlone = !db.IsShared,
            dbNow = await db.GetNowAsync(session),
            upTo = Math.Max(sink.CursorId, result.UpTo),
            count = result.Count,
            progress = result.Progress,
            dueAt = result.DueAt,
            reason = result.Reason?.ToString(),
            waitUntil,
            state = waitUntil is null ? SinkRow.Paused : SinkRow.Waiting,
            now = clock.GetStoredNow(),
        }) > 0;
        if (isWritten && waitUntil is null && result.WithPause is { } tellAsync)
        {
            await tellAsync(session);
        }
        return isWritten;
    }, ct);

    internal Task FinishAsync(SinkRow sink, string owner, CancellationToken ct) => db.WriteAsync(async session =>
        await session.ExecuteAsync(Finish, new { id = sink.Id, cursorId = sink.CursorId, owner, isAlone = !db.IsShared, dbNow = await db.GetNowAsync(session) }), ct);
}

/// <summary>As much of a sink as tells whether it has something to do.</summary>
internal sealed record ServableSink
{
    public required long Id { get; init; }
    public required string Kind { get; init; }
    public required long CursorId { get; init; }
    public required string State { get; init; }
    public DateTimeOffset? WaitUntil { get; init; }
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Until then a process serves it, by the database's clock in Unix milliseconds; null for none.</summary>
    public long? LeaseUntil { get; init; }
}
