using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>SQL that reads invites for administrators: used and expired ones too. Thread-safe.</summary>
internal sealed class InviteListQueries(Db db, TimeProvider clock)
{
    private const string Rows = """
        SELECT i.id, i.created_at, i.expires_at, i.used_at, c.username AS created_by, u.username AS used_by
        FROM invites i
        LEFT JOIN users c ON c.id = i.created_by
        LEFT JOIN users u ON u.id = i.used_by
        """;

    private const string Wanted = """

        WHERE (@state = '' OR (@state = 'open' AND i.used_at IS NULL AND i.expires_at > @now)
                           OR (@state = 'used' AND i.used_at IS NOT NULL)
                           OR (@state = 'expired' AND i.used_at IS NULL AND i.expires_at <= @now))
        """;

    private const string Older = Rows + Wanted + " AND i.id < @key ORDER BY i.id DESC LIMIT @limit";

    private const string Newer = Rows + Wanted + " AND i.id > @key ORDER BY i.id LIMIT @limit";

    private const string Some = Rows + """

        WHERE i.id IN {=ids}
        ORDER BY i.id
        LIMIT 1000
        """;

    /// <summary>Newest first.</summary>
    /// <param name="state"><c>open</c>, <c>used</c> or <c>expired</c>; empty for all.</param>
    /// <param name="cut">Which piece.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<List<InviteListRow>> ListAsync(string state, ListCut cut, CancellationToken ct) => cut.Arrange(await db.ReadAsync(session =>
        session.QueryAsync<InviteListRow>(cut.Of(Older, Newer), new { state, now = clock.GetUtcNow(), key = cut.Key, limit = cut.Limit }), ct));

    /// <summary>Those of these invites that exist.</summary>
    public async Task<List<InviteListRow>> ListAsync(IReadOnlyCollection<long> ids, CancellationToken ct) =>
        ids.Count == 0 ? [] : await db.QueryAsync<InviteListRow>(Some, new { ids }, ct);
}

/// <summary>An invite as administrators see it.</summary>
public sealed record InviteListRow
{
    public required long Id { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? UsedAt { get; init; }

    /// <summary>Null for the shell, and for an account that is gone.</summary>
    public string? CreatedBy { get; init; }

    public string? UsedBy { get; init; }

    /// <summary><c>open</c>, <c>used</c> or <c>expired</c>.</summary>
    public string StateAt(DateTimeOffset now) => UsedAt is not null ? "used" : ExpiresAt <= now ? "expired" : "open";
}
