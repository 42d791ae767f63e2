using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>Makes somebody else a member. Thread-safe.</summary>
public sealed class AddMember(RoomStore store, RoomQueries queries, RoomAccess access, AnnounceRoomEvent announce, TimeProvider time)
{
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/> for ordinary members, <see cref="Refusal.NoSuchUser"/>, <see cref="Refusal.AlreadyMember"/>,
    /// <see cref="Refusal.Banned"/>, <see cref="Refusal.Archived"/>.</exception>
    public async Task ExecuteAsync(RoomPass pass, string? username, CancellationToken ct)
    {
        await access.ChangeAsync(pass, async (session, now) =>
        {
            var room = now.Moderated();
            var at = time.GetUtcNow();
            var user = await queries.FindUserAsync(session, username) ?? throw new RefusedException(Refusal.NoSuchUser);
            if (await queries.IsBannedAsync(session, room.Id, user.Id))
            {
                throw new RefusedException(Refusal.Banned, user.Username);
            }
            // Who comes later reads from here on; what was said before counts as read.
            if (!await store.AddMemberAsync(session, room.Id, user.Id, Role.Member, room.LastSeq, at))
            {
                throw new RefusedException(Refusal.AlreadyMember, user.Username);
            }
            await announce(session, room, pass.Caller, new RoomEvent(RoomEventTypes.MemberAdded, user.Username) { NewMemberId = user.Id });
            await AuditLog.AddAsync(session, at, pass.Caller, "member_added", room.Name, user.Username);
        }, ct);
    }
}
