using System.Diagnostics;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>Which messages are wanted; empty texts want all.</summary>
/// <param name="Text">In what is said, letters of ASCII in either case.</param>
/// <param name="Author">The author's name, exactly but for case.</param>
/// <param name="Room">The room's name.</param>
/// <param name="State"><c>removed</c> or <c>present</c>.</param>
/// <param name="From">Not before.</param>
/// <param name="Until">Before.</param>
public sealed record MessageFilter(string Text = "", string Author = "", string Room = "", string State = "", DateTimeOffset? From = null, DateTimeOffset? Until = null);

/// <summary>What a search has found.</summary>
/// <param name="Rows">Newest first.</param>
/// <param name="LookedUntil">The id and time of the last message that was looked at when its time was over before the end; null when it came to an end.</param>
public sealed record FoundMessages(List<FoundMessage> Rows, (long Id, DateTimeOffset At)? LookedUntil);

/// <summary>Looks through the messages of all rooms, newest first, for administrators. There is no index over their words, which would cost every message something and serve no language without spaces well:
/// they are read, a stretch at a time, for as long as a person waits, and the search can be gone on with where it stopped. Thread-safe.</summary>
internal sealed class MessageSearch(Db db)
{
    /// <summary>Ids looked at in one read: short, or an open reader would hold up the checkpoint.</summary>
    private const int Stretch = 20_000;

    /// <summary>How long somebody waits for a page.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);

    private const string Rows = """
        SELECT m.id, m.room_id, r.name AS room, r.path, r.access, m.seq, m.kind, m.author_name, m.is_guest, m.bot_name, m.text, m.created_at, m.deleted_at
        FROM messages m
        JOIN rooms r ON r.id = m.room_id
        """;

    private const string Wanted = """

        WHERE m.id > @low AND m.id < @high AND m.kind = 'text' AND r.kind <> 'gone'
          AND (@roomId = 0 OR m.room_id = @roomId)
          AND (@author = '' OR LOWER(m.author_name) = @author)
          AND (@state = '' OR (@state = 'removed' AND m.deleted_at IS NOT NULL) OR (@state = 'present' AND m.deleted_at IS NULL))
          AND m.created_at >= @from AND m.created_at < @until
          AND (@pattern = '' OR LOWER(m.text) LIKE @pattern ESCAPE '\')
        """;

    private const string Older = Rows + Wanted + " ORDER BY m.id DESC LIMIT @limit";

    private const string Newer = Rows + Wanted + " ORDER BY m.id LIMIT @limit";

    private const string Some = Rows + """

        WHERE m.id IN {=ids} AND r.kind <> 'gone'
        ORDER BY m.id
        LIMIT 1000
        """;

    private const string Ends = "SELECT COALESCE(MIN(id), 0) AS oldest, COALESCE(MAX(id), 0) AS newest FROM messages";

    private const string RoomId = "SELECT id FROM rooms WHERE name_key = @key";

    private const string TimeNear = "SELECT created_at FROM messages WHERE id >= @id ORDER BY id LIMIT 1";

    /// <param name="filter">What is wanted.</param>
    /// <param name="cut">Which piece.</param>
    /// <param name="patience">How long to look; null until the end.</param>
    /// <param name="ct">Ends it.</param>
    public async Task<FoundMessages> FindAsync(MessageFilter filter, ListCut cut, TimeSpan? patience, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        var (roomId, ends) = await db.ReadAsync(async session => (await FindRoomAsync(session, filter.Room), await session.GetAsync<Bounds>(Ends)), ct);
        List<FoundMessage> found = [];
        if (roomId is not { } room)
        {
            return new FoundMessages(found, null);
        }
        // What was looked at reaches from the key to this id, exclusive; it grows by a stretch a time.
        var edge = cut.IsNewer ? Math.Max(cut.Key, ends.Oldest - 1) : Math.Min(cut.Key, ends.Newest + 1);
        while (cut.IsNewer ? edge < ends.Newest : edge > ends.Oldest)
        {
            var (low, high) = cut.IsNewer ? (edge, edge + Stretch + 1) : (edge - Stretch - 1, edge);
            var limit = cut.Limit - found.Count;
            found.AddRange(await db.QueryAsync<FoundMessage>(cut.Of(Older, Newer), Arguments(filter, room, low, high, limit), ct));
            edge = await NextEdgeAsync(cut.IsNewer, cut.IsNewer ? high - 1 : low + 1, ct);
            if (found.Count >= cut.Limit)
            {
                break;
            }
            if (patience is { } most && Stopwatch.GetElapsedTime(began) > most && !cut.IsNewer && edge > ends.Oldest)
            {
                return new FoundMessages(cut.Arrange(found), (edge, await db.GetAsync<DateTimeOffset>(TimeNear, new { id = edge }, ct)));
            }
        }
        return new FoundMessages(cut.Arrange(found), null);
    }

    /// <summary>Those of these messages that exist.</summary>
    public async Task<List<FoundMessage>> ListAsync(IReadOnlyCollection<long> ids, CancellationToken ct) =>
        ids.Count == 0 ? [] : await db.QueryAsync<FoundMessage>(Some, new { ids }, ct);

    /// <summary>From where the next stretch goes on: over a hole, as a restore leaves one.</summary>
    private Task<long> NextEdgeAsync(bool isNewer, long edge, CancellationToken ct) => db.ReadAsync(async session => isNewer
        ? await MessageQueries.FindIdAfterAsync(session, edge) - 1 ?? edge
        : await MessageQueries.FindIdBeforeAsync(session, edge) + 1 ?? 0, ct);

    /// <summary>0 for all rooms; null for one that does not exist.</summary>
    private static async Task<long?> FindRoomAsync(DbSession session, string name) =>
        name.Length == 0 ? 0 : RoomName.TryParse(name, out var parsed) ? await session.FindAsync<long?>(RoomId, new { key = RoomName.Key(parsed) }) : null;

    private static object Arguments(MessageFilter filter, long roomId, long low, long high, int limit) => new
    {
        roomId,
        low,
        high,
        limit,
        // LOWER() knows only ASCII, on either database.
        author = LikePattern.LowerAscii(filter.Author),
        pattern = LikePattern.Containing(LikePattern.LowerAscii(filter.Text)),
        state = filter.State,
        from = filter.From ?? DateTimeOffset.UnixEpoch,
        until = filter.Until ?? DateTimeOffset.MaxValue,
    };

    private sealed record Bounds
    {
        public required long Oldest { get; init; }
        public required long Newest { get; init; }
    }
}

/// <summary>A message that was looked for.</summary>
public sealed record FoundMessage
{
    public required long Id { get; init; }
    public required long RoomId { get; init; }
    public required string Room { get; init; }
    public string? Path { get; init; }
    public required Access Access { get; init; }
    public required long Seq { get; init; }
    public required string AuthorName { get; init; }
    public required bool IsGuest { get; init; }
    public string? BotName { get; init; }
    public required string Text { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? DeletedAt { get; init; }

    public string Author => AuthorName.Length > 0 ? AuthorName : Message.NamelessAuthor;
}
