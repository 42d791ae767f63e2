using Teahouse.Storage;

namespace Teahouse.Sinks.Webhooks;

/// <summary>All SQL that writes <c>webhook_deliveries</c>: the latest tries of each webhook. Stateless; runs in its caller's transaction.</summary>
internal static class DeliveryStore
{
    /// <summary>Tries that are kept of each webhook.</summary>
    public const int MaxPerWebhook = 100;

    // Nothing when the webhook was removed meanwhile.
    private const string Insert = """
        INSERT INTO webhook_deliveries (webhook_id, kind, event_id, message_id, room, seq, attempt, at, took_ms, status, error, answer)
        SELECT id, @Kind, @EventId, @MessageId, @Room, @Seq, @Attempt, @At, @TookMs, @Status, @Error, @Answer
        FROM webhooks
        WHERE id = @webhookId
        """;

    private const string Prune = """
        DELETE FROM webhook_deliveries
        WHERE webhook_id = @webhookId AND id < (
            SELECT MIN(kept.id)
            FROM (SELECT id FROM webhook_deliveries WHERE webhook_id = @webhookId ORDER BY id DESC LIMIT @limit) AS kept)
        """;

    public static async Task AddAsync(DbSession session, long webhookId, IReadOnlyList<DeliveryRow> tries)
    {
        foreach (var tried in tries)
        {
            await session.ExecuteAsync(Insert, new
            {
                webhookId,
                tried.Kind,
                tried.EventId,
                tried.MessageId,
                tried.Room,
                tried.Seq,
                tried.Attempt,
                tried.At,
                tried.TookMs,
                tried.Status,
                tried.Error,
                tried.Answer,
            });
        }
        await session.ExecuteAsync(Prune, new { webhookId, limit = MaxPerWebhook });
    }
}
