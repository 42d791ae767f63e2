using Teahouse.Storage;

namespace Teahouse.Sinks;

/// <summary>SQL that reads webhooks' registrations. Thread-safe.</summary>
internal sealed class WebhookQueries(Db db)
{
    private const string OfUser = """
        SELECT id, url, created_at
        FROM webhooks
        WHERE user_id = @userId
        ORDER BY id DESC
        LIMIT @limit
        """;

    private const string RoomsOfUser = """
        SELECT wr.webhook_id, r.name
        FROM webhooks w
        JOIN webhook_rooms wr ON wr.webhook_id = w.id
        JOIN rooms r ON r.id = wr.room_id
        WHERE w.user_id = @userId
        ORDER BY r.name_key
        LIMIT 5000
        """;

    /// <summary>The user's webhooks, newest first, each with the names of its rooms.</summary>
    public Task<List<(WebhookRow Webhook, IReadOnlyList<string> Rooms)>> ListAsync(long userId, CancellationToken ct) => db.ReadAsync(async session =>
    {
        var rows = await session.QueryAsync<WebhookRow>(OfUser, new { userId, limit = WebhookStore.MaxPerUser });
        var rooms = (await session.QueryAsync<RoomOfWebhook>(RoomsOfUser, new { userId })).ToLookup(row => row.WebhookId, row => row.Name);
        List<(WebhookRow, IReadOnlyList<string>)> found = [];
        found.AddRange(rows.Select(row => (row, (IReadOnlyList<string>)[.. rooms[row.Id]])));
        return found;
    }, ct);

    private sealed record RoomOfWebhook
    {
        public required long WebhookId { get; init; }
        public required string Name { get; init; }
    }
}
