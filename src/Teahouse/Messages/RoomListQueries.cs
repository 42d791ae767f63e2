using System.Data.Common;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>Reads a user's rooms with what was said last in each. Stateless.</summary>
public sealed class RoomListQueries
{
    /// <summary>Rows beside every page. Who is in more rooms asks for the rest when they are wanted.</summary>
    private const int FirstRooms = 100;

    /// <summary>A project's owner may have very many chats; the project's own page has them all.</summary>
    private const int FirstProjectChats = 50;

    /// <summary>The most that is ever shown or followed, of either kind.</summary>
    private const int MaxRooms = 5000;

    // Which ones is found from two narrow tables; what was said last is read for those alone.
    private const string SelectMine = """
        SELECT r.kind, r.name, r.title, r.access, r.rev, r.last_seq, t.last_at, r.archived_at, t.last_read_seq, t.unread,
               l.kind, COALESCE(NULLIF(l.bot_name, ''), NULLIF(u.display_name, ''), l.author_name), l.event, CASE WHEN l.deleted_at IS NULL THEN SUBSTR(l.text, 1, 100) END, l.deleted_at,
               r.path, CASE WHEN r.kind = 'project' AND t.role = 'owner'
                            THEN COALESCE((SELECT v.display_name FROM memberships o JOIN users v ON v.id = o.user_id WHERE o.room_id = r.id AND o.user_id <> @userId LIMIT 1), '')
                            END
        FROM (
            SELECT m.room_id, m.role, m.last_read_seq, r.last_seq - m.last_read_seq - m.own_after_read AS unread, COALESCE(r.last_message_at, r.created_at) AS last_at
            FROM memberships m
            JOIN rooms r ON r.id = m.room_id
            WHERE m.user_id = @userId AND CASE WHEN r.kind = 'project' THEN 1 ELSE 0 END = @isProject
            ORDER BY CASE WHEN r.name = @open THEN 0 WHEN r.last_seq - m.last_read_seq - m.own_after_read > 0 THEN 1 ELSE 2 END, COALESCE(r.last_message_at, r.created_at) DESC
            LIMIT @limit
        ) t
        JOIN rooms r ON r.id = t.room_id
        LEFT JOIN messages l ON l.room_id = r.id AND l.seq = r.last_seq
        LEFT JOIN users u ON u.id = l.user_id
        ORDER BY CASE WHEN t.unread > 0 THEN 0 ELSE 1 END, t.last_at DESC
        LIMIT @limit
        """;

    private const string SelectHeads = """
        SELECT r.name, r.rev, r.last_seq - m.last_read_seq - m.own_after_read
        FROM memberships m
        JOIN rooms r ON r.id = m.room_id
        WHERE m.user_id = @userId
        LIMIT @limit
        """;

    private static readonly HotStatement Mine = new(SelectMine, "@userId", "@isProject", "@open", "@limit");
    private static readonly HotStatement Heads = new(SelectHeads, "@userId", "@limit");

    /// <summary>The rooms and project chats one would look at first: unread ones, then the latest. Of the others only the heads.</summary>
    /// <param name="session">A snapshot.</param>
    /// <param name="userId">Whose.</param>
    /// <param name="open">The name of a room that must be among them; null for none.</param>
    /// <param name="all">All of them.</param>
    public async Task<MyRooms> ListMineAsync(DbSession session, long userId, string? open = null, bool all = false)
    {
        var (most, mostChats) = all ? (MaxRooms, MaxRooms) : (FirstRooms, FirstProjectChats);
        var rooms = await session.QueryAsync(Mine, Read, [userId, 0L, open ?? "", (long)most]);
        var chats = await session.QueryAsync(Mine, Read, [userId, 1L, open ?? "", (long)mostChats]);
        if (all || (rooms.Count < most && chats.Count < mostChats))
        {
            return new MyRooms(rooms, chats, []);
        }
        var shown = rooms.Concat(chats).Select(room => room.Name).ToHashSet(StringComparer.Ordinal);
        var heads = await session.QueryAsync(Heads, static row => new RoomHead(row.GetString(0), row.GetInt64(1), Math.Max(0, row.GetInt64(2))), [userId, (long)MaxRooms]);
        heads.RemoveAll(head => shown.Contains(head.Name));
        return new MyRooms(rooms, chats, heads);
    }

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

/// <summary>A user's rooms, for the list.</summary>
/// <param name="Rooms">All kinds but project chats.</param>
/// <param name="ProjectChats">On either side.</param>
/// <param name="Others">Of both kinds, those left out.</param>
public sealed record MyRooms(IReadOnlyList<MyRoom> Rooms, IReadOnlyList<MyRoom> ProjectChats, IReadOnlyList<RoomHead> Others);

/// <summary>How far a room has come that is not shown.</summary>
public sealed record RoomHead(string Name, long Rev, long Unread);

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
