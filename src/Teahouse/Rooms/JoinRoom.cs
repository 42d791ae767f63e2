namespace Teahouse.Rooms;

/// <summary>Makes a user a member of a room they may enter. Thread-safe.</summary>
public sealed class JoinRoom(RoomStore store, RoomAccess access, AnnounceRoomEvent announce, TimeProvider time)
{
    /// <summary>Says so in the room. What was said before counts as read. Does nothing for a member.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.SignInFirst"/> for guests; <see cref="Refusal.Archived"/>.</exception>
    public async Task ExecuteAsync(RoomPass pass, CancellationToken ct)
    {
        if (pass.Caller.UserId is not { } userId)
        {
            throw new RefusedException(Refusal.SignInFirst);
        }
        await access.ChangeAsync(pass, async (session, now) =>
        {
            if (now.Room is { } room
                && await store.AddMemberAsync(session, room.Id, userId, Role.Member, room.LastSeq, time.GetUtcNow()))
            {
                await announce(session, room, pass.Caller, new RoomEvent(RoomEventTypes.MemberJoined, pass.Caller.Username));
            }
        }, ct);
    }
}
