using System.Globalization;
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

    /// <summary>The most that is ever shown or followed.</summary>
    private const int MaxRooms = 5000;

    /// <summary>The most that are looked at.</summary>
    private const int MaxHeads = 50_000;

    /// <summary>Rooms whose rows are read by one statement.</summary>
    private const int RowsPerRead = 25;

    // Narrow, for it is read of every room; which ones are shown is decided by it, and only of those everything else is read. Put in order here: the database takes a fifth longer with it.
    private const string SelectHeads = """
        SELECT r.id, r.name, r.rev, r.last_seq - m.last_read_seq - m.own_after_read, COALESCE(r.last_message_at, r.created_at), CASE WHEN r.kind = 'project' THEN 1 ELSE 0 END
        FROM memberships m
        JOIN rooms r ON r.id = m.room_id
        WHERE m.user_id = @userId AND r.kind <> 'gone'
        LIMIT @limit
        """;

    private const string SelectMine = """
        SELECT r.kind, r.name, r.title, r.access, r.rev, r.last_seq, COALESCE(r.last_message_at, r.created_at), r.archived_at, m.last_read_seq, r.last_seq - m.last_read_seq - m.own_after_read,
               l.kind, COALESCE(NULLIF(l.bot_name, ''), NULLIF(u.display_name, ''), l.author_name), l.event, CASE WHEN l.deleted_at IS NULL THEN SUBSTR(l.text, 1, 100) END, l.deleted_at,
               r.path, CASE WHEN r.kind = 'project' AND m.role = 'owner'
                            THEN COALESCE((SELECT v.display_name FROM memberships o JOIN users v ON v.id = o.user_id WHERE o.room_id = r.id AND o.user_id <> @userId LIMIT 1), '')
                            END
        FROM rooms r
        JOIN memberships m ON m.room_id = r.id AND m.user_id = @userId
        LEFT JOIN messages l ON l.room_id = r.id AND l.seq = r.last_seq
        LEFT JOIN users u ON u.id = l.user_id
        WHERE r.id IN (@r0, @r1, @r2, @r3, @r4, @r5, @r6, @r7, @r8, @r9, @r10, @r11, @r12, @r13, @r14, @r15, @r16, @r17, @r18, @r19, @r20, @r21, @r22, @r23, @r24)
        """;

    private static readonly HotStatement Heads = new(SelectHeads, "@userId", "@limit");
    private static readonly HotStatement Mine = new(SelectMine, ["@userId", .. Enumerable.Range(0, RowsPerRead).Select(i => string.Create(CultureInfo.InvariantCulture, $"@r{i}"))]);

    /// <summary>The rooms and project chats one would look at first: unread ones, then the latest. Of the others only the heads.</summary>
    /// <param name="session">A snapshot.</param>
    /// <param name="userId">Whose.</param>
    /// <param name="open">The name of a room that must be among them; null for none.</param>
    /// <param name="all">All of them.</param>
    public async Task<MyRooms> ListMineAsync(DbSession session, long userId, string? open = null, bool all = false)
    {
        var heads = await session.QueryAsync(Heads, ReadHead, [userId, (long)MaxHeads]);
        heads.Sort(Compare);
        if (open is not null && heads.FindIndex(head => head.Name == open) is > 0 and var at)
        {
            var first = heads[at];
            heads.RemoveAt(at);
            heads.Insert(0, first);
        }
        var (most, mostChats) = all ? (MaxRooms, MaxRooms) : (FirstRooms, FirstProjectChats);
        List<long> shown = [];
        List<RoomHead> others = [];
        foreach (var head in heads.Take(MaxRooms))
        {
            ref var left = ref head.IsProjectChat ? ref mostChats : ref most;
            if (left-- > 0)
            {
                shown.Add(head.Id);
            }
            else
            {
                others.Add(head);
            }
        }
        var rows = await ReadRowsAsync(session, userId, shown);
        var mine = rows.OrderBy(room => room.Unread > 0 ? 0 : 1).ThenByDescending(room => room.LastAt).ToLookup(room => room.Kind == Room.ProjectKind);
        return new MyRooms([.. mine[false]], [.. mine[true]], others);
    }

    /// <summary>The unread ones, then the others; each the latest first.</summary>
    private static int Compare(RoomHead one, RoomHead other)
    {
        var order = (other.Unread > 0).CompareTo(one.Unread > 0);
        if (order == 0)
        {
            order = other.LastAt.CompareTo(one.LastAt);
        }
        return order == 0 ? one.Id.CompareTo(other.Id) : order;
    }

    private static async Task<List<MyRoom>> ReadRowsAsync(DbSession session, long userId, List<long> shown)
    {
        List<MyRoom> rows = [];
        foreach (var some in shown.Chunk(RowsPerRead))
        {
            // One statement, however many there are: no room has the id 0.
            rows.AddRange(await session.QueryAsync(Mine, Read, [userId, .. some.Concat(Enumerable.Repeat(0L, RowsPerRead - some.Length))]));
        }
        return rows;
    }

    private static RoomHead ReadHead(Row row) =>
        new(row.Int64At(0), row.StringAt(1), row.Int64At(2), Math.Max(0, row.Int64At(3)), row.Int64At(4), row.Int64At(5) != 0);

    private static MyRoom Read(Row row) => new()
    {
        Kind = row.StringAt(0),
        Name = row.StringAt(1),
        Title = row.StringAt(2),
        Access = RoomText.ToAccess(row.StringAt(3)),
        Rev = row.Int64At(4),
        LastSeq = row.Int64At(5),
        LastAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Int64At(6)),
        ArchivedAt = row.TimeAt(7),
        LastReadSeq = row.Int64At(8),
        Unread = Math.Max(0, row.Int64At(9)),
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

/// <summary>How far a room has come; <c>LastAt</c> is the time of the last message, or of the room's making, in Unix milliseconds.</summary>
public sealed record RoomHead(long Id, string Name, long Rev, long Unread, long LastAt, bool IsProjectChat);

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
