using Teahouse.Accounts;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Sinks.Webhooks;

/// <summary>SQL that reads everybody's outgoing webhooks, for administrators. Thread-safe.</summary>
internal sealed class WebhookListQueries(Db db)
{
    private const string Rows = """
        SELECT w.id, w.user_id, w.url, w.created_at, w.sink_id, u.username AS owner, s.state, s.reason, s.delivered, s.last_success_at, s.last_error
        FROM webhooks w
        JOIN users u ON u.id = w.user_id
        JOIN sinks s ON s.id = w.sink_id
        """;

    private const string Wanted = """

        WHERE (@state = '' OR s.state = @state)
          AND (@pattern = '' OR LOWER(w.url) LIKE @pattern ESCAPE '\' OR u.username_key LIKE @keyPattern ESCAPE '\')
        """;

    private const string Older = Rows + Wanted + " AND w.id < @key ORDER BY w.id DESC LIMIT @limit";

    private const string Newer = Rows + Wanted + " AND w.id > @key ORDER BY w.id LIMIT @limit";

    private const string Some = Rows + """

        WHERE w.id IN {=ids}
        ORDER BY w.id
        LIMIT 1000
        """;

    /// <summary>Newest first.</summary>
    /// <param name="text">In its address or its owner's name; empty for all.</param>
    /// <param name="state">As of a sink; empty for all.</param>
    /// <param name="cut">Which piece.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<List<WebhookListRow>> ListAsync(string text, string state, ListCut cut, CancellationToken ct) =>
        cut.Arrange(await db.QueryAsync<WebhookListRow>(cut.Of(Older, Newer), new
        {
            state,
            // LOWER() knows only ASCII, on either database.
            pattern = LikePattern.Containing(LikePattern.LowerAscii(text)),
            keyPattern = LikePattern.Containing(NameSkeleton.Key(text)),
            key = cut.Key,
            limit = cut.Limit,
        }, ct));

    /// <summary>Those of these webhooks that exist.</summary>
    public async Task<List<WebhookListRow>> ListAsync(IReadOnlyCollection<long> ids, CancellationToken ct) =>
        ids.Count == 0 ? [] : await db.QueryAsync<WebhookListRow>(Some, new { ids }, ct);
}

/// <summary>An outgoing webhook as administrators see it.</summary>
public sealed record WebhookListRow
{
    public required long Id { get; init; }
    public required long UserId { get; init; }
    public required long SinkId { get; init; }
    public required string Owner { get; init; }
    public required string Url { get; init; }
    public required string State { get; init; }
    public string? Reason { get; init; }
    public required long Delivered { get; init; }
    public DateTimeOffset? LastSuccessAt { get; init; }
    public string? LastError { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Where it leads. What follows may hold a key of its receiver.</summary>
    public string Host => new Uri(Url).Authority;
}
