using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>Keeps an account out of a room, member or not: for it there is no such room any more. Thread-safe.</summary>
public sealed class BanMember(RoomStore store, RoomQueries queries, RoomAccess access, AnnounceRoomEvent announce, RoomEvictions evictions, TimeProvider time)
{
    /// <summary>Owners may ban anybody else; moderators all but owners and moderators. The room reads of a removal, and only if there was a member to remove.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>, also for oneself; <see cref="Refusal.NoSuchUser"/>, <see cref="Refusal.Banned"/>.</exception>
    public async Task ExecuteAsync(RoomPass pass, string? username, CancellationToken ct)
    {
        await access.ChangeAsync(pass, async (session, now) =>
        {
            var room = now.Moderated();
            var user = await queries.FindUserAsync(session, username) ?? throw new RefusedException(Refusal.NoSuchUser);
            var membership = await queries.FindMembershipAsync(session, room.Id, user.Id);
            // An owner who bans every other one remains, so the room keeps one.
            if (user.Id == pass.Caller.UserId || (membership is { Role: not Role.Member } && !now.IsOwner))
            {
                throw new RefusedException(Refusal.Forbidden);
            }
            var at = time.GetUtcNow();
            if (!await store.BanAsync(session, room.Id, user.Id, pass.Caller.UserId, at))
            {
                throw new RefusedException(Refusal.Banned, user.Username);
            }
            await evictions.PutOutAsync(session, room, user.Id);
            if (membership is not null && !room.IsArchived)
            {
                await announce(session, room, pass.Caller, new RoomEvent(RoomEventTypes.MemberRemoved, user.Username));
            }
            await AuditLog.AddAsync(session, at, pass.Caller, "member_banned", room.Name, user.Username);
        }, ct);
    }
}
