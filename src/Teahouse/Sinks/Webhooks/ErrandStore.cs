using Teahouse.Storage;

namespace Teahouse.Sinks.Webhooks;

/// <summary>All SQL that writes <c>webhook_errands</c>: tests and messages once more, until they are sent. They are rows because another process may be the one that reaches outwards. Thread-safe.</summary>
internal sealed class ErrandStore(Db db, TimeProvider clock)
{
    /// <summary>Errands of one webhook that may wait.</summary>
    public const int MaxPerWebhook = 10;

    /// <summary>As long somebody has an errand in hand before another may take it. A turn is much shorter.</summary>
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(30);

    private const string Count = "SELECT COUNT(*) FROM webhook_errands WHERE webhook_id = @webhookId";

    private const string Insert = """
        INSERT INTO webhook_errands (webhook_id, kind, next_id, last_id, due_at, created_at)
        VALUES (@webhookId, @kind, @first, @last, @now, @now)
        """;

    private const string Due = "SELECT MIN(due_at) FROM webhook_errands";

    private const string Take = """
        UPDATE webhook_errands
        SET due_at = @until
        WHERE id = (SELECT id FROM webhook_errands WHERE due_at <= @now ORDER BY due_at, id LIMIT 1)
        RETURNING id, webhook_id, kind, next_id, last_id, failures
        """;

    private const string GoOn = "UPDATE webhook_errands SET next_id = @next, failures = @failures, due_at = @dueAt WHERE id = @id";

    private const string Delete = "DELETE FROM webhook_errands WHERE id = @id";

    /// <summary>After the commit of one of this process.</summary>
    public event Action? Added;

    /// <exception cref="RefusedException"><see cref="Refusal.TooMany"/>.</exception>
    public async Task AddAsync(DbSession session, long webhookId, string kind, long first = 0, long last = 0)
    {
        if (await session.GetAsync<long>(Count, new { webhookId }) >= MaxPerWebhook)
        {
            throw new RefusedException(Refusal.TooMany, MaxPerWebhook);
        }
        await session.ExecuteAsync(Insert, new { webhookId, kind, first, last, now = clock.GetUtcNow() });
        session.AfterCommit(() => Added?.Invoke());
    }

    /// <summary>When the next errand is due; null when there is none.</summary>
    public async Task<DateTimeOffset?> FindDueAsync(CancellationToken ct) =>
        await db.FindAsync<long?>(Due, null, ct) is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;

    /// <summary>Takes an errand that is due, for <see cref="Hold"/>; null when there is none.</summary>
    public Task<Errand?> TakeAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return db.WriteAsync(session => session.FindAsync<Errand>(Take, new { now, until = now + Hold }), ct);
    }

    /// <summary>Gives an errand back, to be gone on with.</summary>
    public static Task GoOnAsync(DbSession session, Errand errand, DateTimeOffset dueAt) =>
        session.ExecuteAsync(GoOn, new { id = errand.Id, next = errand.NextId, failures = errand.Failures, dueAt });

    public static Task EndAsync(DbSession session, long id) => session.ExecuteAsync(Delete, new { id });
}

/// <summary>Something to be sent beside the order of the log.</summary>
internal sealed record Errand
{
    public required long Id { get; init; }
    public required long WebhookId { get; init; }

    /// <summary><see cref="DeliveryKind.Test"/> or <see cref="DeliveryKind.Replay"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The next message to send, or the first after it that is of the webhook's rooms.</summary>
    public required long NextId { get; init; }

    public required long LastId { get; init; }
    public required long Failures { get; init; }
}
