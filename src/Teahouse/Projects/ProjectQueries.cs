using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Projects;

/// <summary>Reads projects. Stateless.</summary>
public sealed class ProjectQueries
{
    private const string Columns = """
        SELECT p.id, p.slug, p.title, p.description, p.owner_id, u.username AS owner, u.display_name AS owner_name, u.avatar_colour AS owner_colour, p.created_at, p.updated_at
        FROM projects p
        LEFT JOIN users u ON u.id = p.owner_id
        """;

    private const string BySlug = Columns + """

        WHERE p.slug = @slug
        """;

    private const string ById = Columns + """

        WHERE p.id = @id
        """;

    private const string SelectList = """
        SELECT p.id, p.slug, p.title, p.description, p.owner_id, u.username AS owner, u.display_name AS owner_name, p.created_at, p.updated_at,
               (SELECT CAST(COALESCE(SUM(CASE WHEN r.last_seq - m.last_read_seq - m.own_after_read > 0 THEN r.last_seq - m.last_read_seq - m.own_after_read ELSE 0 END), 0) AS BIGINT)
                FROM project_chats c
                JOIN rooms r ON r.id = c.room_id
                JOIN memberships m ON m.room_id = c.room_id AND m.user_id = @userId
                WHERE c.project_id = p.id AND r.kind <> 'gone') AS unread
        FROM projects p
        LEFT JOIN users u ON u.id = p.owner_id
        WHERE p.id < @before AND (@ownerId = 0 OR p.owner_id = @ownerId) AND (@pattern = '' OR p.search_key LIKE @pattern ESCAPE '\')
        ORDER BY p.id DESC
        LIMIT @limit
        """;

    /// <summary>The project with this slug, in whatever case; null for none.</summary>
    public async Task<Project?> FindAsync(DbSession session, string slug) =>
        ProjectSlug.TryParse(slug, out var key) ? await session.FindAsync<Project>(BySlug, new { slug = key }) : null;

    public Task<Project?> FindByIdAsync(DbSession session, long id) => session.FindAsync<Project>(ById, new { id });

    /// <summary>The newest projects before the id <paramref name="before"/>.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="reader">Whose unread messages are counted; null for who is not signed in.</param>
    /// <param name="text">A part of the title, slug or description; empty for all.</param>
    /// <param name="isMine">Only those the reader owns.</param>
    /// <param name="before">Null for the newest.</param>
    /// <param name="limit">At most this many.</param>
    public Task<List<ListedProject>> ListAsync(DbSession session, long? reader, string text, bool isMine, long? before, int limit) =>
        session.QueryAsync<ListedProject>(SelectList, new
        {
            userId = reader ?? 0,
            ownerId = isMine ? reader ?? -1 : 0,
            pattern = RoomName.SearchPattern(text),
            before = before ?? long.MaxValue,
            limit,
        });
}

/// <summary>A project in a list.</summary>
public sealed record ListedProject
{
    public required long Id { get; init; }
    public required string Slug { get; init; }
    public required string Title { get; init; }
    public required string Description { get; init; }
    public long? OwnerId { get; init; }
    public string? Owner { get; init; }
    public string? OwnerName { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>The reader's unread messages in its chats: in all of them for its owner, in their own for a visitor.</summary>
    public required long Unread { get; init; }
}
