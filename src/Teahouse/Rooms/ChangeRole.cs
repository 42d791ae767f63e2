using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>Changes a member's role. Thread-safe.</summary>
public sealed class ChangeRole(RoomStore store, RoomQueries queries, RoomAccess access, AnnounceRoomEvent announce, TimeProvider time)
{
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/> for anyone but owners, <see cref="Refusal.BadChoice"/>, <see cref="Refusal.NoSuchUser"/>, <see cref="Refusal.LastOwner"/>.</exception>
    public async Task ExecuteAsync(RoomPass pass, long userId, string? roleText, CancellationToken ct)
    {
        var role = RoomInput.Role(roleText);
        await access.ChangeAsync(pass, async (session, now) =>
        {
            var room = now.Owned();
            var member = await queries.FindMemberAsync(session, room.Id, userId) ?? throw new RefusedException(Refusal.NoSuchUser);
            if (member.Role == role)
            {
                return;
            }
            if (member.Role == Role.Owner && await queries.CountOwnersAsync(session, room.Id) == 1)
            {
                throw new RefusedException(Refusal.LastOwner);
            }
            await store.SetRoleAsync(session, room.Id, userId, role);
            if (!room.IsArchived)
            {
                await announce(session, room, pass.Caller, new RoomEvent(RoomEventTypes.RoleChanged, member.Username, role.ToText()));
            }
            await AuditLog.AddAsync(session, time.GetUtcNow(), pass.Caller, "role_changed", room.Name, member.Username, member.Role.ToText(), role.ToText());
        }, ct);
    }
}
