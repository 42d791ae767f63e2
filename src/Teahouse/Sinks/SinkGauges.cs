using Teahouse.Storage;

namespace Teahouse.Sinks;

/// <summary>How the sinks of one kind in one state are doing.</summary>
public sealed record SinkTally
{
    public required string Kind { get; init; }
    public required string State { get; init; }
    public required long Count { get; init; }

    /// <summary>Messages delivered by them so far.</summary>
    public required long Delivered { get; init; }

    /// <summary>The earliest of the first failures since their last success; null when none fails.</summary>
    public DateTimeOffset? FailingSince { get; init; }
}

/// <summary>How far one sink is behind.</summary>
public sealed record SinkBehind
{
    public required long Id { get; init; }
    public required string Kind { get; init; }
    public required string Name { get; init; }

    /// <summary>Messages not delivered yet; more than <see cref="SinkGauges.MaxCounted"/> are not counted.</summary>
    public required long Messages { get; init; }

    /// <summary>When the oldest of them was said; null when there is none.</summary>
    public DateTimeOffset? Oldest { get; init; }
}

/// <summary>SQL that counts sinks for metrics: cheap enough to be asked every few seconds, however many webhooks there are. Thread-safe.</summary>
internal sealed class SinkGauges(Db db)
{
    /// <summary>Messages behind a cursor are counted up to this.</summary>
    public const int MaxCounted = 20_000;

    private const string Tallies = """
        SELECT kind, state, COUNT(*) AS count, CAST(SUM(delivered) AS BIGINT) AS delivered, MIN(failing_since) AS failing_since
        FROM sinks
        GROUP BY kind, state
        ORDER BY kind, state
        LIMIT 100
        """;

    // Webhooks are many, and each is its owner's concern.
    private const string Behind = """
        SELECT s.id, s.kind, s.name,
               (SELECT COUNT(*)
                FROM (SELECT m.room_id FROM messages m WHERE m.id > s.cursor_id ORDER BY m.id LIMIT @limit) b
                WHERE (s.room_id IS NULL OR b.room_id = s.room_id)
                  AND (s.project_id IS NULL OR b.room_id IN (SELECT c.room_id FROM project_chats c WHERE c.project_id = s.project_id))) AS messages,
               (SELECT MIN(b.created_at)
                FROM (SELECT m.room_id, m.created_at FROM messages m WHERE m.id > s.cursor_id ORDER BY m.id LIMIT @limit) b
                WHERE (s.room_id IS NULL OR b.room_id = s.room_id)
                  AND (s.project_id IS NULL OR b.room_id IN (SELECT c.room_id FROM project_chats c WHERE c.project_id = s.project_id))) AS oldest
        FROM sinks s
        WHERE s.kind <> 'webhook'
        ORDER BY s.id
        LIMIT 100
        """;

    public Task<(IReadOnlyList<SinkTally> Tallies, IReadOnlyList<SinkBehind> Behind)> ReadAsync(CancellationToken ct) => db.ReadAsync(async session =>
        ((IReadOnlyList<SinkTally>)await session.QueryAsync<SinkTally>(Tallies), (IReadOnlyList<SinkBehind>)await session.QueryAsync<SinkBehind>(Behind, new { limit = MaxCounted })), ct);
}
