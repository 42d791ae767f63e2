using Teahouse.Projects;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Tests.Support;

/// <summary>Rooms with more messages than a test has time to send.</summary>
internal static class FillRooms
{
    private const string Insert = """
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @count)
        INSERT INTO messages (room_id, seq, rev, kind, author_name, is_guest, text, created_at)
        SELECT r.id, r.last_seq + n.i, r.rev + n.i, 'text', 'somebody', FALSE, 'said', @at
        FROM rooms r, n
        WHERE r.name_key = @key
        """;

    private const string Advance = "UPDATE rooms SET last_seq = last_seq + @count, rev = rev + @count, last_message_at = @at WHERE name_key = @key";

    /// <summary>Adds chats of visitors whose accounts are gone to a project.</summary>
    public static Task AddChatsAsync(TestServer server, long projectId, long ownerId, int count) => server.Get<Db>().WriteAsync(async session =>
    {
        var (rooms, projects) = (server.Get<RoomStore>(), server.Get<ProjectStore>());
        for (var i = 0; i < count; i++)
        {
            var room = await rooms.InsertAsync(session, Room.ProjectKind, $"chat{i}", "Tea", "", Access.Private, ownerId, DateTimeOffset.UtcNow)
                ?? throw new InvalidOperationException("There is one already.");
            await rooms.AddMemberAsync(session, room.Id, ownerId, Role.Owner, 0, DateTimeOffset.UtcNow);
            // Each of a visitor of its own, as soon as that is nobody.
            await projects.AddChatAsync(session, room.Id, projectId, ownerId);
            await projects.SetVisitorAsync(session, room.Id, null);
        }
        return count;
    }, TestContext.Current.CancellationToken);

    /// <summary>Appends messages by nobody in particular.</summary>
    public static Task FillAsync(TestServer server, string room, int count)
    {
        var what = new { count, key = RoomName.Key(room), at = DateTimeOffset.UtcNow };
        return server.Get<Db>().WriteAsync(async session =>
        {
            await session.ExecuteAsync(Insert, what);
            return await session.ExecuteAsync(Advance, what);
        }, TestContext.Current.CancellationToken);
    }
}
