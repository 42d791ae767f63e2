using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>Reads a user's rooms with what was said last in each. Stateless.</summary>
public sealed class RoomListQueries
{
    private const int MaxRooms = 1000;

    private const string SelectMine = """
        SELECT r.kind, r.name, r.title, r.access, r.rev, r.last_seq, r.last_message_at, r.created_at, r.archived_at, m.last_read_seq, m.own_after_read,
               l.kind AS last_kind, l.author_name AS last_author, u.display_name AS last_display_name, l.event AS last_event,
               CASE WHEN l.deleted_at IS NULL THEN SUBSTR(l.text, 1, 200) ELSE '' END AS last_text, l.deleted_at AS last_deleted_at
        FROM memberships m
        JOIN rooms r ON r.id = m.room_id
        LEFT JOIN messages l ON l.room_id = r.id AND l.seq = r.last_seq
        LEFT JOIN users u ON u.id = l.user_id
        WHERE m.user_id = @userId
        ORDER BY CASE WHEN r.last_seq - m.last_read_seq - m.own_after_read > 0 THEN 0 ELSE 1 END, COALESCE(r.last_message_at, r.created_at) DESC
        LIMIT @limit
        """;

    /// <summary>Unread ones first, then the latest.</summary>
    public Task<List<MyRoom>> ListMineAsync(DbSession session, long userId) =>
        session.QueryAsync<MyRoom>(SelectMine, new { userId, limit = MaxRooms });
}

/// <summary>A room one is a member of, with its last message.</summary>
public sealed record MyRoom
{
    public required string Kind { get; init; }
    public required string Name { get; init; }
    public required string Title { get; init; }
    public required Access Access { get; init; }
    public required long Rev { get; init; }
    public required long LastSeq { get; init; }
    public DateTimeOffset? LastMessageAt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ArchivedAt { get; init; }
    public required long LastReadSeq { get; init; }
    public required long OwnAfterRead { get; init; }

    /// <summary>Null in a room where nothing was said yet, as are the other fields of the last message.</summary>
    public string? LastKind { get; init; }

    public string? LastAuthor { get; init; }
    public string? LastDisplayName { get; init; }
    public string? LastEvent { get; init; }
    public string? LastText { get; init; }
    public DateTimeOffset? LastDeletedAt { get; init; }

    public long Unread => Math.Max(0, LastSeq - LastReadSeq - OwnAfterRead);
}
