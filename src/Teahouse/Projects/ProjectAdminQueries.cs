using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Projects;

/// <summary>SQL that reads projects for administrators. Thread-safe.</summary>
internal sealed class ProjectAdminQueries(Db db)
{
    private const string Rows = """
        SELECT p.id, p.slug, p.title, u.username AS owner, p.created_at, p.updated_at, (SELECT COUNT(*) FROM project_chats c WHERE c.project_id = p.id) AS chats
        FROM projects p
        LEFT JOIN users u ON u.id = p.owner_id
        """;

    private const string Wanted = """

        WHERE (@pattern = '' OR p.search_key LIKE @pattern ESCAPE '\')
          AND (@owned = '' OR (@owned = 'yes' AND p.owner_id IS NOT NULL) OR (@owned = 'no' AND p.owner_id IS NULL))
        """;

    private const string Older = Rows + Wanted + " AND p.id < @key ORDER BY p.id DESC LIMIT @limit";

    private const string Newer = Rows + Wanted + " AND p.id > @key ORDER BY p.id LIMIT @limit";

    private const string Some = Rows + """

        WHERE p.id IN {=ids}
        ORDER BY p.id
        LIMIT 1000
        """;

    /// <summary>Newest first.</summary>
    /// <param name="text">In slug, title or description; empty for all.</param>
    /// <param name="owned"><c>yes</c>, or <c>no</c> for those whose owner is gone; empty for all.</param>
    /// <param name="cut">Which piece.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<List<ProjectAdminRow>> ListAsync(string text, string owned, ListCut cut, CancellationToken ct) => cut.Arrange(await db.ReadAsync(session =>
        session.QueryAsync<ProjectAdminRow>(cut.Of(Older, Newer), new { owned, pattern = RoomName.SearchPattern(text), key = cut.Key, limit = cut.Limit }), ct));

    /// <summary>Those of these projects that exist.</summary>
    public async Task<List<ProjectAdminRow>> ListAsync(IReadOnlyCollection<long> ids, CancellationToken ct) =>
        ids.Count == 0 ? [] : await db.QueryAsync<ProjectAdminRow>(Some, new { ids }, ct);
}

/// <summary>A project as administrators see it.</summary>
public sealed record ProjectAdminRow
{
    public required long Id { get; init; }
    public required string Slug { get; init; }
    public required string Title { get; init; }
    public string? Owner { get; init; }
    public required long Chats { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
}
