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

/// <summary>SQL that counts sinks for metrics: cheap enough to be asked every few seconds, however many webhooks there are. Thread-safe.</summary>
internal sealed class SinkGauges(Db db)
{
    private const string Tallies = """
        SELECT kind, state, COUNT(*) AS count, CAST(SUM(delivered) AS BIGINT) AS delivered, MIN(failing_since) AS failing_since
        FROM sinks
        GROUP BY kind, state
        ORDER BY kind, state
        LIMIT 100
        """;

    public Task<List<SinkTally>> ReadAsync(CancellationToken ct) => db.QueryAsync<SinkTally>(Tallies, null, ct);
}
