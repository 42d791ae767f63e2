using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>Makes a user a member of a room they may enter. Thread-safe.</summary>
public sealed class JoinRoom(Db db, RoomStore store, AnnounceRoomEvent announce, TimeProvider time)
{
    /// <summary>Says so in the room. What was said before counts as read. Does nothing for a member.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.SignInFirst"/> for guests; <see cref="Refusal.Archived"/>.</exception>
    public async Task ExecuteAsync(RoomPass pass, CancellationToken ct)
    {
        if (pass.Room is not { } room)
        {
            throw new RefusedException(Refusal.NoSuchRoom);
        }
        if (pass.Caller.UserId is not { } userId)
        {
            throw new RefusedException(Refusal.SignInFirst);
        }
        await db.WriteAsync(async session =>
        {
            if (await store.AddMemberAsync(session, room.Id, userId, Role.Member, room.LastSeq, time.GetUtcNow()))
            {
                await announce(session, room, pass.Caller, new RoomEvent(RoomEventTypes.MemberJoined, pass.Caller.Username));
            }
        }, ct);
    }
}
