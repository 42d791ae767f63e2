using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>Closes a room for new messages, or opens it again; its history stays readable. Thread-safe.</summary>
public sealed class ArchiveRoom(RoomStore store, RoomAccess access, AnnounceRoomEvent announce, TimeProvider time)
{
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/> for anyone but owners.</exception>
    public async Task ExecuteAsync(RoomPass pass, bool archived, CancellationToken ct)
    {
        await access.ChangeAsync(pass, async (session, now) =>
        {
            var room = now.Owned();
            if (room.IsArchived == archived)
            {
                return;
            }
            var at = time.GetUtcNow();
            if (archived)
            {
                // Said first: an archived room takes no messages.
                await announce(session, room, pass.Caller, new RoomEvent(RoomEventTypes.Archived));
                await store.SetArchivedAsync(session, room.Id, at);
            }
            else
            {
                await store.SetArchivedAsync(session, room.Id, null);
                await announce(session, room with { ArchivedAt = null }, pass.Caller, new RoomEvent(RoomEventTypes.Unarchived));
            }
            await AuditLog.AddAsync(session, at, pass.Caller, archived ? "room_archived" : "room_unarchived", room.Name);
        }, ct);
    }
}
