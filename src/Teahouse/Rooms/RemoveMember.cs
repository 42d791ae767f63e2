using Teahouse.Realtime;
using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>Ends somebody else's membership and, where only members may be, their sockets. Thread-safe.</summary>
public sealed class RemoveMember(Db db, RoomStore store, RoomQueries queries, AnnounceRoomEvent announce, ConnectionRegistry registry, TimeProvider time)
{
    /// <summary>Owners may remove anybody but the last owner; moderators ordinary members.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>, <see cref="Refusal.NoSuchUser"/>, <see cref="Refusal.LastOwner"/>.</exception>
    public async Task ExecuteAsync(RoomPass pass, long userId, CancellationToken ct)
    {
        var room = pass.Moderated();
        await db.WriteAsync(async session =>
        {
            var member = await queries.FindMemberAsync(session, room.Id, userId) ?? throw new RefusedException(Refusal.NoSuchUser);
            if (member.Role != Role.Member && !pass.IsOwner)
            {
                throw new RefusedException(Refusal.Forbidden);
            }
            if (member.Role == Role.Owner && await queries.CountOwnersAsync(session, room.Id) == 1)
            {
                throw new RefusedException(Refusal.LastOwner);
            }
            await store.RemoveMemberAsync(session, room.Id, userId);
            if (!room.IsArchived)
            {
                await announce(session, room, pass.Caller, new RoomEvent(RoomEventTypes.MemberRemoved, member.Username));
            }
            await AuditLog.AddAsync(session, time.GetUtcNow(), pass.Caller.Username, "member_removed", room.Name, member.Username);
            // Everywhere, so that it shows at once; into an open room the way back is open.
            session.AfterCommit(() => registry.Evict(room.FeedTopic, userId));
        }, ct);
    }
}
