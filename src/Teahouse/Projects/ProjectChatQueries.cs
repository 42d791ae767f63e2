using Teahouse.Messages;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Projects;

/// <summary>Where a page of chats begins: after this one of the page before.</summary>
/// <param name="At">Its latest activity, in Unix milliseconds.</param>
/// <param name="RoomId">Its room.</param>
public readonly record struct ChatCursor(long At, long RoomId);

/// <summary>Reads project chats. Stateless.</summary>
public sealed class ProjectChatQueries
{
    private const string Columns = """
        SELECT c.room_id, c.project_id, r.name AS room, c.visitor_id, v.username AS visitor, v.display_name AS visitor_name,
               CASE WHEN EXISTS (SELECT 1 FROM bans b WHERE b.room_id = c.room_id AND b.user_id = c.visitor_id) THEN TRUE ELSE FALSE END AS is_blocked
        FROM project_chats c
        JOIN rooms r ON r.id = c.room_id
        LEFT JOIN users v ON v.id = c.visitor_id
        """;

    private const string ByVisitor = Columns + """

        WHERE c.project_id = @projectId AND c.visitor_id = @visitorId
        """;

    private const string ByRoom = Columns + """

        WHERE r.name_key = @nameKey
        """;

    private const string All = Columns + """

        WHERE c.project_id = @projectId
        ORDER BY c.room_id
        LIMIT 1000000
        """;

    private const string Some = Columns + """

        WHERE c.project_id = @projectId
        ORDER BY c.room_id
        LIMIT @limit
        """;

    private const string NotOwned = Columns + """

        WHERE c.project_id = @projectId AND c.room_id > @after AND (r.owner_id IS NULL OR r.owner_id <> @ownerId) AND r.kind <> 'gone'
        ORDER BY c.room_id
        LIMIT @limit
        """;

    // The page first, by the little it takes to order it; names and last lines for its rows alone.
    private const string SelectList = """
        WITH page AS (
            SELECT r.id, c.visitor_id, COALESCE(r.last_message_at, r.created_at) AS at,
                   CASE WHEN r.last_seq - m.last_read_seq - m.own_after_read > 0 THEN r.last_seq - m.last_read_seq - m.own_after_read ELSE 0 END AS unread
            FROM project_chats c
            JOIN rooms r ON r.id = c.room_id
            JOIN memberships m ON m.room_id = c.room_id AND m.user_id = @readerId
            WHERE c.project_id = @projectId AND r.kind <> 'gone'
              AND (COALESCE(r.last_message_at, r.created_at), r.id) < (@at, @roomId)
              AND (@onlyUnread = 0 OR r.last_seq - m.last_read_seq - m.own_after_read > 0)
            ORDER BY COALESCE(r.last_message_at, r.created_at) DESC, r.id DESC
            LIMIT @limit
        )
        SELECT r.id AS room_id, r.name AS room, r.path, r.archived_at, page.at, page.unread, v.username AS visitor, v.display_name AS visitor_name, v.avatar_colour AS visitor_colour,
               l.kind AS last_kind, COALESCE(NULLIF(u.display_name, ''), l.author_name) AS last_author, l.event AS last_event,
               CASE WHEN l.deleted_at IS NULL THEN SUBSTR(l.text, 1, 200) END AS last_text, l.deleted_at AS last_deleted_at
        FROM page
        JOIN rooms r ON r.id = page.id
        LEFT JOIN users v ON v.id = page.visitor_id
        LEFT JOIN messages l ON l.room_id = r.id AND l.seq = r.last_seq
        LEFT JOIN users u ON u.id = l.user_id
        ORDER BY page.at DESC, r.id DESC
        LIMIT @limit
        """;

    private const string SelectTotals = """
        SELECT COUNT(*) AS chats,
               CAST(COALESCE(SUM(CASE WHEN r.last_seq - m.last_read_seq - m.own_after_read > 0 THEN r.last_seq - m.last_read_seq - m.own_after_read ELSE 0 END), 0) AS BIGINT) AS unread
        FROM project_chats c
        JOIN rooms r ON r.id = c.room_id
        JOIN memberships m ON m.room_id = c.room_id AND m.user_id = @readerId
        WHERE c.project_id = @projectId AND r.kind <> 'gone'
        """;

    /// <summary>Some chats of a project, for what concerns every one of them.</summary>
    public Task<List<ProjectChat>> ListSomeAsync(DbSession session, long projectId, int limit) => session.QueryAsync<ProjectChat>(Some, new { projectId, limit });

    /// <summary>Chats of a project whose rooms have another owner, or none, by their rooms' ids.</summary>
    public Task<List<ProjectChat>> ListNotOwnedAsync(DbSession session, long projectId, long ownerId, long after, int limit) =>
        session.QueryAsync<ProjectChat>(NotOwned, new { projectId, ownerId, after, limit });

    /// <summary>The one chat of this visitor; null when there is none yet.</summary>
    public Task<ProjectChat?> FindAsync(DbSession session, long projectId, long visitorId) => session.FindAsync<ProjectChat>(ByVisitor, new { projectId, visitorId });

    /// <summary>The chat with this key; null when there is none.</summary>
    public async Task<ProjectChat?> FindAsync(DbSession session, string room) =>
        RoomName.TryParse(room, out var name) ? await session.FindAsync<ProjectChat>(ByRoom, new { nameKey = RoomName.Key(name) }) : null;

    /// <summary>All chats of a project, for what concerns every one of them.</summary>
    public Task<List<ProjectChat>> ListAllAsync(DbSession session, long projectId) => session.QueryAsync<ProjectChat>(All, new { projectId });

    /// <summary>The chats of a project that the reader is in, latest activity first.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="projectId">Which project.</param>
    /// <param name="readerId">Whose unread messages are counted.</param>
    /// <param name="onlyUnread">Leaves out those without unread messages.</param>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    /// <param name="limit">At most this many.</param>
    public Task<List<ListedChat>> ListAsync(DbSession session, long projectId, long readerId, bool onlyUnread, ChatCursor? after, int limit) =>
        session.QueryAsync<ListedChat>(SelectList, new
        {
            projectId,
            readerId,
            onlyUnread = onlyUnread ? 1 : 0,
            at = after?.At ?? long.MaxValue,
            roomId = after?.RoomId ?? long.MaxValue,
            limit,
        });

    /// <summary>How many chats of the project the reader is in, and how many messages in them they have not read.</summary>
    public Task<ChatTotals> CountAsync(DbSession session, long projectId, long readerId) => session.GetAsync<ChatTotals>(SelectTotals, new { projectId, readerId });
}

/// <summary>A chat in the owner's list.</summary>
public sealed record ListedChat : LastMessageRow
{
    public required long RoomId { get; init; }

    /// <summary>The room's name: its unguessable key.</summary>
    public required string Room { get; init; }

    public required string Path { get; init; }

    /// <summary>Null when the account was deleted, as is the display name.</summary>
    public string? Visitor { get; init; }

    public string? VisitorName { get; init; }
    public long? VisitorColour { get; init; }

    /// <summary>The latest activity: the last message, or before one the chat's beginning.</summary>
    public required DateTimeOffset At { get; init; }

    public DateTimeOffset? ArchivedAt { get; init; }
    public required long Unread { get; init; }

    public string Address => Path + "/";

    /// <summary>Where the next page begins.</summary>
    public ChatCursor Cursor => new(At.ToUnixTimeMilliseconds(), RoomId);
}

/// <summary>A project's chats in numbers.</summary>
public sealed record ChatTotals
{
    public required long Chats { get; init; }
    public required long Unread { get; init; }
}
