using System.Data.Common;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>Reads a user's rooms with what was said last in each. Stateless.</summary>
public sealed class RoomListQueries
{
    private const int MaxRooms = 1000;

    /// <summary>A project's owner may have very many chats; the project's own page has them all.</summary>
    private const int MaxProjectChats = 50;

    private const string SelectMine = """
        SELECT r.kind, r.name, r.title, r.access, r.rev, r.last_seq, COALESCE(r.last_message_at, r.created_at), r.archived_at,
               m.last_read_seq, r.last_seq - m.last_read_seq - m.own_after_read,
               l.kind, COALESCE(NULLIF(l.bot_name, ''), NULLIF(u.display_name, ''), l.author_name), l.event, CASE WHEN l.deleted_at IS NULL THEN SUBSTR(l.text, 1, 100) END, l.deleted_at,
               r.path, CASE WHEN r.kind = 'project' AND m.role = 'owner'
                            THEN COALESCE((SELECT v.display_name FROM memberships o JOIN users v ON v.id = o.user_id WHERE o.room_id = r.id AND o.user_id <> @userId LIMIT 1), '')
                            END
        FROM memberships m
        JOIN rooms r ON r.id = m.room_id
        LEFT JOIN messages l ON l.room_id = r.id AND l.seq = r.last_seq
        LEFT JOIN users u ON u.id = l.user_id
        WHERE m.user_id = @userId AND CASE WHEN r.kind = 'project' THEN 1 ELSE 0 END = @isProject
        ORDER BY CASE WHEN r.last_seq - m.last_read_seq - m.own_after_read > 0 THEN 0 ELSE 1 END, COALESCE(r.last_message_at, r.created_at) DESC
        LIMIT @limit
        """;

    private static readonly HotStatement Mine = new(SelectMine, "@userId", "@isProject", "@limit");

    /// <summary>All but project chats; unread ones first, then the latest.</summary>
    public Task<List<MyRoom>> ListMineAsync(DbSession session, long userId) => session.QueryAsync(Mine, Read, [userId, 0L, MaxRooms]);

    /// <summary>The project chats one would look at first; unread ones first, then the latest.</summary>
    public Task<List<MyRoom>> ListMyProjectChatsAsync(DbSession session, long userId) => session.QueryAsync(Mine, Read, [userId, 1L, MaxProjectChats]);

    private static MyRoom Read(DbDataReader row) => new()
    {
        Kind = row.GetString(0),
        Name = row.GetString(1),
        Title = row.GetString(2),
        Access = RoomText.ToAccess(row.GetString(3)),
        Rev = row.GetInt64(4),
        LastSeq = row.GetInt64(5),
        LastAt = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(6)),
        ArchivedAt = row.TimeAt(7),
        LastReadSeq = row.GetInt64(8),
        Unread = Math.Max(0, row.GetInt64(9)),
        LastKind = row.TextAt(10),
        LastAuthor = row.TextAt(11),
        LastEvent = row.TextAt(12),
        LastText = row.TextAt(13),
        LastDeletedAt = row.TimeAt(14),
        Path = row.TextAt(15),
        Visitor = row.TextAt(16),
    };
}

/// <summary>A room one is a member of, with its last message.</summary>
public sealed record MyRoom : LastMessageRow
{
    public required string Kind { get; init; }
    public required string Name { get; init; }
    public string? Path { get; init; }

    /// <summary>In a chat of the reader's own project whom it is with, empty when that account is gone; null elsewhere.</summary>
    public string? Visitor { get; init; }

    public required string Title { get; init; }
    public required Access Access { get; init; }
    public required long Rev { get; init; }
    public required long LastSeq { get; init; }

    /// <summary>Of the last message; of the room's making while there is none.</summary>
    public required DateTimeOffset LastAt { get; init; }

    public DateTimeOffset? ArchivedAt { get; init; }
    public required long LastReadSeq { get; init; }
    public required long Unread { get; init; }
}

/// <summary>What was said last in a room that stands in a list; all null where nothing was said yet.</summary>
public abstract record LastMessageRow
{
    public string? LastKind { get; init; }

    /// <summary>The display name where there is one; empty for a visitor without a nickname.</summary>
    public string? LastAuthor { get; init; }

    public string? LastEvent { get; init; }
    public string? LastText { get; init; }
    public DateTimeOffset? LastDeletedAt { get; init; }
}
