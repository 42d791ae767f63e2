using Teahouse.Realtime;
using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>Ends the caller's own membership. Thread-safe.</summary>
public sealed class LeaveRoom(Db db, RoomStore store, RoomQueries queries, AnnounceRoomEvent announce, ConnectionRegistry registry)
{
    /// <exception cref="RefusedException"><see cref="Refusal.LastOwner"/>: name another owner first, or delete the room.</exception>
    public async Task ExecuteAsync(RoomPass pass, CancellationToken ct)
    {
        if (pass.Room is not { } room || pass.Caller.UserId is not { } userId)
        {
            throw new RefusedException(Refusal.NoSuchRoom);
        }
        await db.WriteAsync(async session =>
        {
            if (await queries.FindMembershipAsync(session, room.Id, userId) is not { } membership)
            {
                return;
            }
            if (membership.Role == Role.Owner && await queries.CountOwnersAsync(session, room.Id) == 1)
            {
                throw new RefusedException(Refusal.LastOwner);
            }
            if (!room.IsArchived)
            {
                await announce(session, room, pass.Caller, new RoomEvent(RoomEventTypes.MemberLeft, pass.Caller.Username));
            }
            await store.RemoveMemberAsync(session, room.Id, userId);
            if (room.Access == Access.Private)
            {
                session.AfterCommit(() => registry.Evict(room.FeedTopic, userId));
            }
        }, ct);
    }
}
