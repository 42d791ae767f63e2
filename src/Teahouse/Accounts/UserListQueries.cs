using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>Which accounts are wanted; empty texts want all.</summary>
/// <param name="Text">In the user name, the display name or the e-mail address.</param>
/// <param name="State"><c>active</c> or <c>disabled</c>.</param>
/// <param name="Role"><c>admin</c> or <c>member</c>.</param>
public sealed record UserFilter(string Text = "", string State = "", string Role = "");

/// <summary>SQL that reads accounts for administrators. Thread-safe.</summary>
internal sealed class UserListQueries(Db db)
{
    private const string Rows = """
        SELECT u.id, u.username, u.display_name, u.email, u.is_admin, u.created_at, u.disabled_at, u.language, u.time_zone, u.password_hash IS NOT NULL AS has_password,
               (SELECT MAX(s.last_seen_at) FROM sessions s WHERE s.user_id = u.id) AS last_seen_at
        FROM users u
        """;

    private const string Wanted = """

        WHERE (@state = '' OR (@state = 'active' AND u.disabled_at IS NULL) OR (@state = 'disabled' AND u.disabled_at IS NOT NULL))
          AND (@role = '' OR (@role = 'admin' AND u.is_admin) OR (@role = 'member' AND NOT u.is_admin))
          AND (@keyPattern = '' OR u.username_key LIKE @keyPattern ESCAPE '\' OR LOWER(u.display_name) LIKE @pattern ESCAPE '\' OR u.email_key LIKE @keyPattern ESCAPE '\')
        """;

    private const string Older = Rows + Wanted + " AND u.id < @key ORDER BY u.id DESC LIMIT @limit";

    private const string Newer = Rows + Wanted + " AND u.id > @key ORDER BY u.id LIMIT @limit";

    private const string Some = Rows + """

        WHERE u.id IN {=ids}
        ORDER BY u.id
        LIMIT 1000
        """;

    /// <summary>Newest first.</summary>
    public async Task<List<UserListRow>> ListAsync(UserFilter filter, ListCut cut, CancellationToken ct) =>
        cut.Arrange(await db.QueryAsync<UserListRow>(cut.Of(Older, Newer), new
        {
            state = filter.State,
            role = filter.Role,
            keyPattern = LikePattern.Containing(NameSkeleton.Key(filter.Text)),
            // LOWER() knows only ASCII, on either database.
            pattern = LikePattern.Containing(LikePattern.LowerAscii(filter.Text)),
            key = cut.Key,
            limit = cut.Limit,
        }, ct));

    /// <summary>Those of these accounts that exist.</summary>
    public async Task<List<UserListRow>> ListAsync(IReadOnlyCollection<long> ids, CancellationToken ct) =>
        ids.Count == 0 ? [] : await db.QueryAsync<UserListRow>(Some, new { ids }, ct);
}

/// <summary>An account as administrators see it.</summary>
public sealed record UserListRow
{
    public required long Id { get; init; }
    public required string Username { get; init; }
    public required string DisplayName { get; init; }
    public string? Email { get; init; }
    public required bool IsAdmin { get; init; }
    public required bool HasPassword { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? DisabledAt { get; init; }

    /// <summary>Of its sessions that have not ended; null for none.</summary>
    public DateTimeOffset? LastSeenAt { get; init; }

    public string? Language { get; init; }
    public string? TimeZone { get; init; }
}
