using Teahouse.Messages;
using Teahouse.Storage;

namespace Teahouse.Sinks.Webhooks;

/// <summary>SQL that reads what was sent and what is to be sent once more. Thread-safe.</summary>
internal sealed class DeliveryQueries(Db db)
{
    private const string OfWebhook = """
        SELECT id, kind, event_id, message_id, room, seq, attempt, at, took_ms, status, error, answer
        FROM webhook_deliveries
        WHERE webhook_id = @webhookId
        ORDER BY id DESC
        LIMIT @limit
        """;

    private const string MessageOf = "SELECT message_id FROM webhook_deliveries WHERE id = @id AND webhook_id = @webhookId";

    private const string RoomsBetween = """
        SELECT m.id, m.room_id, m.seq, r.name
        FROM messages m
        JOIN rooms r ON r.id = m.room_id
        JOIN webhook_rooms wr ON wr.room_id = m.room_id AND wr.webhook_id = @webhookId
        WHERE m.id BETWEEN @first AND @last AND r.kind <> 'gone'
        ORDER BY m.id
        LIMIT @limit
        """;

    /// <summary>What was tried of one's own webhook, latest first.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchHook"/>.</exception>
    public Task<(WebhookRow Webhook, List<DeliveryRow> Deliveries)> ListAsync(long userId, long webhookId, CancellationToken ct) => db.ReadAsync(async session =>
        (await WebhookQueries.GetAsync(session, userId, webhookId),
            await session.QueryAsync<DeliveryRow>(OfWebhook, new { webhookId, limit = DeliveryStore.MaxPerWebhook })), ct);

    /// <summary>The message of a delivery; null when it is not in the list any more, or was a test.</summary>
    public static Task<long?> FindMessageAsync(DbSession session, long webhookId, long id) => session.FindAsync<long?>(MessageOf, new { webhookId, id });

    /// <summary>The oldest messages of the webhook's rooms with ids in a range, each with its room's name.</summary>
    public Task<List<SinkMessage>> ListMessagesAsync(MessageQueries messages, long webhookId, long first, long last, int limit, CancellationToken ct) => db.ReadAsync(async session =>
    {
        List<SinkMessage> found = [];
        foreach (var row in await session.QueryAsync<Place>(RoomsBetween, new { webhookId, first, last, limit }))
        {
            var message = await messages.ListAfterAsync(session, row.RoomId, row.Seq - 1, 1);
            found.AddRange(message.Select(each => new SinkMessage(each, row.Name)));
        }
        return found;
    }, ct);

    private sealed record Place
    {
        public required long Id { get; init; }
        public required long RoomId { get; init; }
        public required long Seq { get; init; }
        public required string Name { get; init; }
    }
}
