using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>Deletes a room with its messages, for ever. Thread-safe.</summary>
public sealed class DeleteRoom(RoomStore store, RoomAccess access, RoomEvictions evictions, TimeProvider time)
{
    /// <param name="pass">An owner's.</param>
    /// <param name="typedName">The room's name as typed to confirm, without regard to case.</param>
    /// <param name="ct">Honoured until the work begins.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/> for anyone but owners, <see cref="Refusal.TypedNameDiffers"/>.</exception>
    public async Task ExecuteAsync(RoomPass pass, string? typedName, CancellationToken ct)
    {
        await access.ChangeAsync(pass, async (session, now) =>
        {
            var room = now.Owned();
            if (!RoomName.TryParse(typedName?.Trim(), out var typed) || RoomName.Key(typed) != RoomName.Key(room.Name))
            {
                throw new RefusedException(Refusal.TypedNameDiffers);
            }
            var at = time.GetUtcNow();
            await store.DeleteAsync(session, room.Id, at);
            await AuditLog.AddAsync(session, at, pass.Caller, "room_deleted", room.Name);
            await evictions.PutOutAllAsync(session, room.Name);
        }, ct);
    }
}
