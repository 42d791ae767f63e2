using Teahouse.Storage;

namespace Teahouse.Hooks;

/// <summary>SQL that reads incoming webhooks. Thread-safe.</summary>
internal sealed class HookQueries(Db db)
{
    private const string BySecret = """
        SELECT h.id, h.name, h.room_id, r.name AS room_name, h.last_used_at
        FROM hooks h
        JOIN rooms r ON r.id = h.room_id
        WHERE h.secret_hash = @secretHash AND r.kind <> 'gone'
        """;

    private const string OfRoom = """
        SELECT h.id, h.name, u.username AS created_by, h.created_at, h.last_used_at
        FROM hooks h
        LEFT JOIN users u ON u.id = h.created_by
        WHERE h.room_id = @roomId
        ORDER BY h.id DESC
        LIMIT @limit
        """;

    /// <summary>The webhook with this secret; null when there is none, or no more.</summary>
    public Task<HookTarget?> FindAsync(string secret, CancellationToken ct) =>
        db.FindAsync<HookTarget>(BySecret, new { secretHash = HookStore.Hash(secret) }, ct);

    /// <summary>The room's webhooks, newest first.</summary>
    public Task<List<HookRow>> ListAsync(long roomId, CancellationToken ct) =>
        db.QueryAsync<HookRow>(OfRoom, new { roomId, limit = HookStore.MaxPerRoom }, ct);
}
