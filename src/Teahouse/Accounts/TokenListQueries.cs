using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>Which tokens are wanted; empty texts want all.</summary>
/// <param name="Text">In the token's name, its bot's or its owner's.</param>
/// <param name="Scope"><c>read</c>, <c>write</c> or <c>admin</c>.</param>
/// <param name="State"><c>valid</c> or <c>expired</c>.</param>
public sealed record TokenFilter(string Text = "", string Scope = "", string State = "");

/// <summary>SQL that reads everybody's API tokens for administrators. Thread-safe.</summary>
internal sealed class TokenListQueries(Db db, TimeProvider clock)
{
    private const string Rows = """
        SELECT t.id, t.user_id, t.name, t.scope, t.bot_name, t.created_at, t.last_used_at, t.expires_at, u.username AS owner
        FROM tokens t
        JOIN users u ON u.id = t.user_id
        """;

    private const string Wanted = """

        WHERE (@scope = '' OR t.scope = @scope)
          AND (@state = '' OR (@state = 'valid' AND (t.expires_at IS NULL OR t.expires_at > @now)) OR (@state = 'expired' AND t.expires_at <= @now))
          AND (@pattern = '' OR LOWER(t.name) LIKE @pattern ESCAPE '\' OR LOWER(t.bot_name) LIKE @pattern ESCAPE '\' OR u.username_key LIKE @keyPattern ESCAPE '\')
        """;

    private const string Older = Rows + Wanted + " AND t.id < @key ORDER BY t.id DESC LIMIT @limit";

    private const string Newer = Rows + Wanted + " AND t.id > @key ORDER BY t.id LIMIT @limit";

    private const string Some = Rows + """

        WHERE t.id IN {=ids}
        ORDER BY t.id
        LIMIT 1000
        """;

    /// <summary>Newest first.</summary>
    public async Task<List<TokenListRow>> ListAsync(TokenFilter filter, ListCut cut, CancellationToken ct) =>
        cut.Arrange(await db.QueryAsync<TokenListRow>(cut.Of(Older, Newer), new
        {
            scope = filter.Scope,
            state = filter.State,
            now = clock.GetUtcNow(),
            // LOWER() knows only ASCII, on either database.
            pattern = LikePattern.Containing(LikePattern.LowerAscii(filter.Text)),
            keyPattern = LikePattern.Containing(NameSkeleton.Key(filter.Text)),
            key = cut.Key,
            limit = cut.Limit,
        }, ct));

    /// <summary>Those of these tokens that exist.</summary>
    public async Task<List<TokenListRow>> ListAsync(IReadOnlyCollection<long> ids, CancellationToken ct) =>
        ids.Count == 0 ? [] : await db.QueryAsync<TokenListRow>(Some, new { ids }, ct);
}

/// <summary>A token as administrators see it.</summary>
public sealed record TokenListRow
{
    public required long Id { get; init; }
    public required long UserId { get; init; }
    public required string Owner { get; init; }
    public required string Name { get; init; }
    public required TokenScope Scope { get; init; }
    public string? BotName { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
}
