using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Rooms;

/// <summary>Which guests are wanted; empty texts want all.</summary>
/// <param name="Text">In the nickname, or the beginning of the address.</param>
/// <param name="State"><c>banned</c> from the whole site, or <c>free</c>.</param>
public sealed record GuestFilter(string Text = "", string State = "");

/// <summary>SQL that reads guests for administrators. Thread-safe.</summary>
internal sealed class GuestListQueries(Db db)
{
    private const string Rows = """
        SELECT g.id, g.nickname, g.address, g.created_at, g.last_seen_at, b.id AS ban_id, b.address AS banned_address, b.banned_at,
               (SELECT COUNT(*) FROM guest_bans o WHERE o.guest_id = g.id AND o.room_id IS NOT NULL) AS room_bans
        FROM guests g
        LEFT JOIN guest_bans b ON b.guest_id = g.id AND b.room_id IS NULL
        """;

    private const string Wanted = """

        WHERE (@state = '' OR (@state = 'banned' AND b.id IS NOT NULL) OR (@state = 'free' AND b.id IS NULL))
          AND (@pattern = '' OR LOWER(g.nickname) LIKE @pattern ESCAPE '\' OR g.address LIKE @pattern ESCAPE '\')
        """;

    private const string Older = Rows + Wanted + " AND (g.last_seen_at < @key OR (g.last_seen_at = @key AND g.id < @tie)) ORDER BY g.last_seen_at DESC, g.id DESC LIMIT @limit";

    private const string Newer = Rows + Wanted + " AND (g.last_seen_at > @key OR (g.last_seen_at = @key AND g.id > @tie)) ORDER BY g.last_seen_at, g.id LIMIT @limit";

    private const string One = Rows + """

        WHERE g.id = @id
        """;

    /// <summary>Latest seen first.</summary>
    public async Task<List<GuestListRow>> ListAsync(GuestFilter filter, ListCut cut, CancellationToken ct) =>
        cut.Arrange(await db.QueryAsync<GuestListRow>(cut.Of(Older, Newer), new
        {
            state = filter.State,
            // LOWER() knows only ASCII, on either database.
            pattern = LikePattern.Containing(LikePattern.LowerAscii(filter.Text)),
            key = cut.Key,
            tie = cut.Tie,
            limit = cut.Limit,
        }, ct));

    /// <summary>Null for a guest who was forgotten.</summary>
    public Task<GuestListRow?> FindAsync(string id, CancellationToken ct) => db.FindAsync<GuestListRow>(One, new { id }, ct);
}

/// <summary>A guest as administrators see them.</summary>
public sealed record GuestListRow
{
    /// <summary>The random id in their cookie.</summary>
    public required string Id { get; init; }

    public required string Nickname { get; init; }

    /// <summary>An IPv4 address, or the network of an IPv6 one.</summary>
    public required string Address { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset LastSeenAt { get; init; }

    /// <summary>The ban from the whole site; null for none.</summary>
    public long? BanId { get; init; }

    /// <summary>The address that is banned with them; null for their cookie alone.</summary>
    public string? BannedAddress { get; init; }

    public DateTimeOffset? BannedAt { get; init; }

    /// <summary>Single rooms they are kept out of.</summary>
    public required long RoomBans { get; init; }
}
