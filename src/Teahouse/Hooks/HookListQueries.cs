using Teahouse.Accounts;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Hooks;

/// <summary>SQL that reads the incoming webhooks of all rooms, for administrators. Thread-safe.</summary>
internal sealed class HookListQueries(Db db)
{
    private const string Rows = """
        SELECT h.id, h.name, h.room_id, r.name AS room, u.username AS created_by, h.created_at, h.last_used_at
        FROM hooks h
        JOIN rooms r ON r.id = h.room_id
        LEFT JOIN users u ON u.id = h.created_by
        """;

    private const string Wanted = """

        WHERE r.kind <> 'gone' AND (@pattern = '' OR LOWER(h.name) LIKE @pattern ESCAPE '\' OR r.name_key LIKE @keyPattern ESCAPE '\' OR u.username_key LIKE @keyPattern ESCAPE '\')
          AND (@used = '' OR (@used = 'never' AND h.last_used_at IS NULL) OR (@used = 'used' AND h.last_used_at IS NOT NULL))
        """;

    private const string Older = Rows + Wanted + " AND h.id < @key ORDER BY h.id DESC LIMIT @limit";

    private const string Newer = Rows + Wanted + " AND h.id > @key ORDER BY h.id LIMIT @limit";

    private const string Some = Rows + """

        WHERE h.id IN {=ids}
        ORDER BY h.id
        LIMIT 1000
        """;

    /// <summary>Newest first.</summary>
    /// <param name="text">In its name, its room's or its maker's; empty for all.</param>
    /// <param name="used"><c>never</c> or <c>used</c>; empty for all.</param>
    /// <param name="cut">Which piece.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<List<HookListRow>> ListAsync(string text, string used, ListCut cut, CancellationToken ct) =>
        cut.Arrange(await db.QueryAsync<HookListRow>(cut.Of(Older, Newer), new
        {
            used,
            // LOWER() knows only ASCII, on either database.
            pattern = LikePattern.Containing(LikePattern.LowerAscii(text)),
            keyPattern = LikePattern.Containing(NameSkeleton.Key(text)),
            key = cut.Key,
            limit = cut.Limit,
        }, ct));

    /// <summary>Those of these webhooks that exist.</summary>
    public async Task<List<HookListRow>> ListAsync(IReadOnlyCollection<long> ids, CancellationToken ct) =>
        ids.Count == 0 ? [] : await db.QueryAsync<HookListRow>(Some, new { ids }, ct);
}

/// <summary>An incoming webhook as administrators see it.</summary>
public sealed record HookListRow
{
    public required long Id { get; init; }
    public required string Name { get; init; }
    public required long RoomId { get; init; }
    public required string Room { get; init; }
    public string? CreatedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; init; }
}
