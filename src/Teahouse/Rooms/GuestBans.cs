using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>A guest who may not come in.</summary>
public sealed record GuestBan
{
    public required long Id { get; init; }

    /// <summary>Null: the whole site.</summary>
    public long? RoomId { get; init; }

    public required string GuestId { get; init; }

    /// <summary>Whoever comes from there is kept out too; null for the guest's own cookie alone.</summary>
    public string? Address { get; init; }

    public required string Nickname { get; init; }
    public required DateTimeOffset BannedAt { get; init; }
}

/// <summary>All SQL of <c>guest_bans</c>. Stateless.</summary>
public sealed class GuestBans
{
    private const string Columns = "SELECT id, room_id, guest_id, address, nickname, banned_at FROM guest_bans";

    private const string Insert = """
        INSERT INTO guest_bans (room_id, guest_id, address, nickname, banned_by, banned_at)
        VALUES (@roomId, @guestId, @address, @nickname, @bannedBy, @at)
        """;

    // A new ban says all that there is to say.
    private const string DeleteSame = "DELETE FROM guest_bans WHERE guest_id = @guestId AND COALESCE(room_id, 0) = COALESCE(@roomId, 0)";

    private const string DeleteOne = "DELETE FROM guest_bans WHERE id = @id";

    private const string SelectOne = Columns + " WHERE id = @id";

    private const string SelectOfRoom = Columns + """

        WHERE room_id = @roomId
        ORDER BY banned_at DESC, id DESC
        LIMIT @limit
        """;

    private const string CountMatching = """
        SELECT COUNT(*)
        FROM guest_bans
        WHERE (guest_id = @guestId OR address = @address) AND (room_id = @roomId OR room_id IS NULL)
        """;

    private static readonly HotStatement Matching = new(CountMatching, "@guestId", "@address", "@roomId");

    /// <summary>Bans a guest from a room, or with null from the whole site; an earlier ban of the same is replaced.</summary>
    public async Task AddAsync(DbSession session, long? roomId, string guestId, string? address, string nickname, long? bannedBy, DateTimeOffset at)
    {
        await session.ExecuteAsync(DeleteSame, new { guestId, roomId });
        await session.ExecuteAsync(Insert, new { roomId, guestId, address, nickname, bannedBy, at });
    }

    public Task<GuestBan?> FindAsync(DbSession session, long id) => session.FindAsync<GuestBan>(SelectOne, new { id });

    public Task RemoveAsync(DbSession session, long id) => session.ExecuteAsync(DeleteOne, new { id });

    /// <summary>The latest first.</summary>
    public Task<List<GuestBan>> ListAsync(DbSession session, long roomId, int limit) => session.QueryAsync<GuestBan>(SelectOfRoom, new { roomId, limit });

    /// <summary>True when a visitor without account may not enter; with 0 as the room, when they may not enter any.</summary>
    public async Task<bool> AppliesAsync(DbSession session, long roomId, Caller visitor) =>
        (await session.QueryAsync(Matching, static row => row.Int64At(0), [visitor.GuestId ?? "", visitor.Network ?? "", roomId]))[0] > 0;
}
