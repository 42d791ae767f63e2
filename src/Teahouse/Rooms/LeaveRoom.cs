
namespace Teahouse.Rooms;

/// <summary>Ends the caller's own membership. Thread-safe.</summary>
public sealed class LeaveRoom(RoomStore store, RoomQueries queries, RoomAccess access, AnnounceRoomEvent announce, RoomEvictions evictions)
{
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/> for a chat of two; <see cref="Refusal.LastOwner"/>: name another owner first, or delete the room.</exception>
    public async Task ExecuteAsync(RoomPass pass, CancellationToken ct)
    {
        await access.ChangeAsync(pass, async (session, now) =>
        {
            // Guests and users who only look in have nothing to leave.
            if (now is not { Room: { } room, Membership: { UserId: var userId } membership })
            {
                return;
            }
            if (room.Kind != Room.OrdinaryKind)
            {
                throw new RefusedException(Refusal.Forbidden);
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
                await evictions.PutOutAsync(session, room, userId);
            }
        }, ct);
    }
}
