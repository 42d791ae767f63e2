using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Rooms;

/// <summary>Which rooms are wanted; empty texts want all.</summary>
/// <param name="Text">In name, title or topic.</param>
/// <param name="Kind"><c>room</c>, <c>project</c> or <c>direct</c>.</param>
/// <param name="Access"><c>guests</c>, <c>members</c> or <c>private</c>.</param>
/// <param name="State"><c>open</c> or <c>archived</c>.</param>
public sealed record RoomFilter(string Text = "", string Kind = "", string Access = "", string State = "");

/// <summary>SQL that reads rooms for administrators: all of them, but nothing of what is said in them. Thread-safe.</summary>
internal sealed class RoomAdminQueries(Db db)
{
    private const string Rows = """
        SELECT r.id, r.kind, r.name, r.title, r.access, r.path, r.last_seq, r.last_message_at, r.created_at, r.archived_at, o.username AS owner,
               (SELECT COUNT(*) FROM memberships m WHERE m.room_id = r.id) AS members
        FROM rooms r
        LEFT JOIN users o ON o.id = r.owner_id
        """;

    private const string Wanted = """

        WHERE r.kind <> 'gone' AND (@kind = '' OR r.kind = @kind) AND (@access = '' OR r.access = @access)
          AND (@state = '' OR (@state = 'open' AND r.archived_at IS NULL) OR (@state = 'archived' AND r.archived_at IS NOT NULL))
          AND (@pattern = '' OR r.search_key LIKE @pattern ESCAPE '\')
        """;

    private const string Older = Rows + Wanted + " AND r.id < @key ORDER BY r.id DESC LIMIT @limit";

    private const string Newer = Rows + Wanted + " AND r.id > @key ORDER BY r.id LIMIT @limit";

    private const string Some = Rows + """

        WHERE r.id IN {=ids} AND r.kind <> 'gone'
        ORDER BY r.id
        LIMIT 1000
        """;

    private const string OfUser = """
        SELECT r.name, r.title, m.role, m.joined_at
        FROM memberships m
        JOIN rooms r ON r.id = m.room_id
        WHERE m.user_id = @userId AND r.kind <> 'gone'
        ORDER BY m.room_id DESC
        LIMIT 200
        """;

    /// <summary>Newest first.</summary>
    public async Task<List<RoomAdminRow>> ListAsync(RoomFilter filter, ListCut cut, CancellationToken ct) =>
        cut.Arrange(await db.QueryAsync<RoomAdminRow>(cut.Of(Older, Newer), new
        {
            kind = filter.Kind,
            access = filter.Access,
            state = filter.State,
            pattern = RoomName.SearchPattern(filter.Text),
            key = cut.Key,
            limit = cut.Limit,
        }, ct));

    /// <summary>Those of these rooms that exist.</summary>
    public async Task<List<RoomAdminRow>> ListAsync(IReadOnlyCollection<long> ids, CancellationToken ct) =>
        ids.Count == 0 ? [] : await db.QueryAsync<RoomAdminRow>(Some, new { ids }, ct);

    /// <summary>The rooms an account is a member of, newest first.</summary>
    public Task<List<RoomOfUser>> ListOfUserAsync(long userId, CancellationToken ct) =>
        db.QueryAsync<RoomOfUser>(OfUser, new { userId }, ct);
}

/// <summary>A room as administrators see it.</summary>
public sealed record RoomAdminRow
{
    public required long Id { get; init; }
    public required string Kind { get; init; }
    public required string Name { get; init; }
    public required string Title { get; init; }
    public required Access Access { get; init; }
    public string? Path { get; init; }
    public string? Owner { get; init; }
    public required long Members { get; init; }
    public required long LastSeq { get; init; }
    public DateTimeOffset? LastMessageAt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ArchivedAt { get; init; }
}

/// <summary>A room of an account.</summary>
public sealed record RoomOfUser
{
    public required string Name { get; init; }
    public required string Title { get; init; }
    public required Role Role { get; init; }
    public required DateTimeOffset JoinedAt { get; init; }
}
