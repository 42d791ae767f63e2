using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>Ends somebody else's membership and, where only members may be, their sockets. Thread-safe.</summary>
public sealed class RemoveMember(RoomStore store, RoomQueries queries, RoomAccess access, AnnounceRoomEvent announce, RoomEvictions evictions, TimeProvider time)
{
    /// <summary>Owners may remove anybody else; moderators ordinary members. Who wants to go themselves leaves.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>, <see cref="Refusal.NoSuchUser"/>.</exception>
    public async Task ExecuteAsync(RoomPass pass, long userId, CancellationToken ct)
    {
        await access.ChangeAsync(pass, async (session, now) =>
        {
            var room = now.Moderated();
            var member = await queries.FindMemberAsync(session, room.Id, userId) ?? throw new RefusedException(Refusal.NoSuchUser);
            // An owner who removes every other one remains, so the room keeps one.
            if (userId == pass.Caller.UserId || (member.Role != Role.Member && !now.IsOwner))
            {
                throw new RefusedException(Refusal.Forbidden);
            }
            await store.RemoveMemberAsync(session, room.Id, userId);
            if (!room.IsArchived)
            {
                await announce(session, room, pass.Caller, new RoomEvent(RoomEventTypes.MemberRemoved, member.Username));
            }
            await AuditLog.AddAsync(session, time.GetUtcNow(), pass.Caller, "member_removed", room.Name, member.Username);
            // Everywhere, so that it shows at once; into an open room the way back is open.
            await evictions.PutOutAsync(session, room, userId);
        }, ct);
    }
}
