using System.ComponentModel.DataAnnotations;
using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>Which rooms are asked for.</summary>
/// <param name="UserId">Who asks.</param>
/// <param name="Text">A part of name, title or topic; empty for all.</param>
/// <param name="After">The name after which to go on; empty for the beginning.</param>
/// <param name="JoinedOnly">Only those they are a member of.</param>
/// <param name="Limit">At most so many.</param>
public sealed record RoomQuestion(long UserId, string Text, string After, bool JoinedOnly, int Limit);

/// <summary>Reads rooms for the API, each with how the asking account stands to it. Stateless.</summary>
public sealed class RoomListing
{
    private const string Columns = """
        SELECT r.name, r.title, r.topic, r.access, r.kind, r.rev, r.last_seq, r.last_message_at, r.created_at, r.archived_at,
               o.username AS owner, m.role, m.last_read_seq, m.own_after_read
        FROM rooms r
        LEFT JOIN users o ON o.id = r.owner_id
        LEFT JOIN memberships m ON m.room_id = r.id AND m.user_id = @userId
        """;

    private const string One = Columns + """

        WHERE r.name_key = @nameKey
        """;

    private const string Many = Columns + """

        WHERE r.name_key > @after AND r.kind <> 'gone'
          AND (m.user_id IS NOT NULL
            OR (@joinedOnly = FALSE AND r.kind = 'room' AND r.access IN ('guests', 'members')
              AND NOT EXISTS (SELECT 1 FROM bans b WHERE b.room_id = r.id AND b.user_id = @userId)))
          AND (@pattern = '' OR r.search_key LIKE @pattern ESCAPE '\')
        ORDER BY r.name_key
        LIMIT @limit
        """;

    /// <summary>The room of this name key; whether the account may see it was decided before.</summary>
    public Task<ListedRoom?> FindAsync(DbSession session, string nameKey, long? userId) => session.FindAsync<ListedRoom>(One, new { nameKey, userId = userId ?? 0 });

    public Task<List<ListedRoom>> ListAsync(DbSession session, RoomQuestion question) => session.QueryAsync<ListedRoom>(Many, new
    {
        userId = question.UserId,
        after = question.After.Length == 0 ? "" : RoomName.Key(question.After),
        joinedOnly = question.JoinedOnly,
        pattern = RoomName.SearchPattern(question.Text),
        limit = question.Limit,
    });
}

/// <summary>A room and how an account stands to it.</summary>
public sealed record ListedRoom
{
    public required string Name { get; init; }
    public required string Title { get; init; }
    public required string Topic { get; init; }
    public required Access Access { get; init; }
    public required string Kind { get; init; }
    public required long Rev { get; init; }
    public required long LastSeq { get; init; }
    public DateTimeOffset? LastMessageAt { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ArchivedAt { get; init; }
    public string? Owner { get; init; }

    /// <summary>Null for who is no member, as are the other two.</summary>
    public Role? Role { get; init; }

    public long? LastReadSeq { get; init; }
    public long? OwnAfterRead { get; init; }
}

/// <summary>A room as the API gives it.</summary>
/// <param name="Name">Its address.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Topic">What it is about; may be empty.</param>
/// <param name="Access"><c>guests</c>, <c>members</c> or <c>private</c>.</param>
/// <param name="Kind"><c>room</c>, <c>project</c> or <c>direct</c>.</param>
/// <param name="Owner">User name; null when nobody owns it.</param>
/// <param name="Role">Yours: <c>owner</c>, <c>moderator</c>, <c>member</c>; null when you are no member.</param>
/// <param name="Archived">Takes no more messages.</param>
/// <param name="Rev">Raised by one with every change a reader must see.</param>
/// <param name="LastSeq">The newest message's number; 0 before the first.</param>
/// <param name="LastReadSeq">Up to which you have read; null when you are no member.</param>
/// <param name="Unread">Later messages by others; null when you are no member.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="LastMessageAt">When something was said last; null for never.</param>
public sealed record RoomAnswer(string Name, string Title, string Topic, [property: AllowedValues("guests", "members", "private")] string Access,
    [property: AllowedValues("room", "project", "direct")] string Kind, string? Owner, [property: AllowedValues("owner", "moderator", "member")] string? Role, bool Archived, long Rev, long LastSeq,
    long? LastReadSeq, long? Unread, DateTimeOffset CreatedAt, DateTimeOffset? LastMessageAt)
{
    internal static RoomAnswer Of(ListedRoom row) => new(row.Name, row.Title, row.Topic, row.Access.ToText(), row.Kind, row.Owner, row.Role?.ToText(), row.ArchivedAt is not null,
        row.Rev, row.LastSeq, row.LastReadSeq, row.LastReadSeq is { } read ? Math.Max(0, row.LastSeq - read - (row.OwnAfterRead ?? 0)) : null, row.CreatedAt, row.LastMessageAt);
}

/// <summary>Rooms in order of their names.</summary>
/// <param name="Rooms">This page of them.</param>
/// <param name="HasMore">There are more.</param>
/// <param name="Next">What to ask for as <c>after</c> to get them; null when there are none.</param>
public sealed record RoomList(IReadOnlyList<RoomAnswer> Rooms, bool HasMore, string? Next);
