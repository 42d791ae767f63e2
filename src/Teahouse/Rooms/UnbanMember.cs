using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>Lets a banned account come in again as anybody may; it is no member by that. Thread-safe.</summary>
public sealed class UnbanMember(RoomStore store, RoomQueries queries, RoomAccess access, TimeProvider time)
{
    /// <summary>Does nothing for an account that is not banned.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/> for ordinary members, <see cref="Refusal.NoSuchUser"/>.</exception>
    public async Task ExecuteAsync(RoomPass pass, string? username, CancellationToken ct)
    {
        await access.ChangeAsync(pass, async (session, now) =>
        {
            var room = now.Moderated();
            var user = await queries.FindUserAsync(session, username) ?? throw new RefusedException(Refusal.NoSuchUser);
            if (await store.UnbanAsync(session, room.Id, user.Id))
            {
                await AuditLog.AddAsync(session, time.GetUtcNow(), pass.Caller, "member_unbanned", room.Name, user.Username);
            }
        }, ct);
    }
}
