using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>Reads the rooms a user may join. Stateless.</summary>
public sealed class RoomDirectoryQueries
{
    private const int MaxRooms = 100;

    private const string SelectOpen = """
        SELECT r.name, r.title, r.topic, r.access, (SELECT COUNT(*) FROM memberships c WHERE c.room_id = r.id) AS members
        FROM rooms r
        WHERE r.kind = 'room' AND r.access IN ('guests', 'members') AND r.archived_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.room_id = r.id AND m.user_id = @userId)
          AND NOT EXISTS (SELECT 1 FROM bans b WHERE b.room_id = r.id AND b.user_id = @userId)
          AND (@pattern = '' OR r.search_key LIKE @pattern ESCAPE '\')
        ORDER BY COALESCE(r.last_message_at, r.created_at) DESC
        LIMIT @limit
        """;

    private const string CountMine = "SELECT COUNT(*) FROM memberships WHERE user_id = @userId";

    /// <summary>Whether the user is in any room.</summary>
    public async Task<bool> HasRoomAsync(DbSession session, long userId) => await session.GetAsync<long>(CountMine, new { userId }) > 0;

    /// <summary>Open rooms the user is no member of, the liveliest first.</summary>
    /// <param name="session">Where to read.</param>
    /// <param name="userId">Who looks.</param>
    /// <param name="text">A part of the name, title or topic; empty for all.</param>
    public Task<List<OpenRoom>> ListOpenAsync(DbSession session, long userId, string text) =>
        session.QueryAsync<OpenRoom>(SelectOpen, new { userId, pattern = RoomName.SearchPattern(text), limit = MaxRooms });
}

/// <summary>A room one may join.</summary>
public sealed record OpenRoom
{
    public required string Name { get; init; }
    public required string Title { get; init; }
    public required string Topic { get; init; }
    public required Access Access { get; init; }
    public required long Members { get; init; }
}
