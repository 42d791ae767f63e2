using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>How rooms are deleted. A million messages cannot go in one transaction, for which everybody would wait: what holds many is only hidden at once, its name free, and emptied afterwards, a few
/// rows at a time, by whichever process works.</summary>
public sealed partial class RoomStore
{
    /// <summary>Messages, and members, up to which a room is deleted at once.</summary>
    private const int Few = 100;

    private const string DeleteSmall = """
        DELETE FROM rooms
        WHERE id = @roomId AND last_seq <= @few
          AND (SELECT COUNT(*) FROM (SELECT m.user_id FROM memberships m WHERE m.room_id = @roomId LIMIT @few + 1) AS f) <= @few
        """;

    // No name begins with a slash, so that nobody finds it, nor ever takes its name. Nothing is said in it any more, whatever was under way.
    private const string Hide = """
        UPDATE rooms
        SET kind = 'gone', name_key = '/' || id, search_key = '', access = 'private', owner_id = NULL, archived_at = @at
        WHERE id = @roomId
        """;

    private const string SelectGone = "SELECT MIN(id) FROM rooms WHERE kind = 'gone'";

    private const string LockGone = "UPDATE rooms SET rev = rev WHERE id = @roomId AND kind = 'gone'";

    private const string DeleteMembers = """
        DELETE FROM memberships
        WHERE room_id = @roomId
          AND user_id IN (SELECT m.user_id FROM memberships m WHERE m.room_id = @roomId ORDER BY m.user_id LIMIT @limit)
        """;

    private const string DeleteEmptied = "DELETE FROM rooms WHERE id = @roomId AND kind = 'gone'";

    /// <summary>Deletes the room; its memberships, bans and messages go with it, at once or, when there are many, soon. Nobody finds it or anything of it from the commit on.</summary>
    public async Task DeleteAsync(DbSession session, long roomId, DateTimeOffset at)
    {
        await session.ExecuteAsync(RememberName, new { roomId });
        if (await session.ExecuteAsync(DeleteSmall, new { roomId, few = Few }) == 0)
        {
            await session.ExecuteAsync(Hide, new { roomId, at });
        }
    }

    /// <summary>A deleted room that is not emptied yet; null when there is none.</summary>
    internal static Task<long?> FindGoneAsync(DbSession session) => session.GetAsync<long?>(SelectGone);

    /// <summary>Keeps a deleted room for this transaction. Returns false when somebody else has emptied it.</summary>
    internal static async Task<bool> LockGoneAsync(DbSession session, long roomId) => await session.ExecuteAsync(LockGone, new { roomId }) == 1;

    /// <summary>Removes some members of a deleted room. Returns how many there were.</summary>
    internal static Task<int> RemoveMembersOfGoneAsync(DbSession session, long roomId, int limit) => session.ExecuteAsync(DeleteMembers, new { roomId, limit });

    /// <summary>Deletes what is left of a deleted room, which holds no messages and members any more.</summary>
    internal static Task ForgetGoneAsync(DbSession session, long roomId) => session.ExecuteAsync(DeleteEmptied, new { roomId });
}
