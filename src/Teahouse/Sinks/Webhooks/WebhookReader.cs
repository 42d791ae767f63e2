using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Sinks.Webhooks;

/// <summary>Whether the owner of a webhook may still read what it is about to be sent: asked before every single message, so that who is put out of a room gets no more of it this way. Thread-safe.</summary>
internal sealed class WebhookReader(Db db, RoomQueries rooms, RoomAccess access)
{
    public Task<bool> MayReadAsync(Caller owner, long roomId, CancellationToken ct) => db.ReadAsync(async session =>
        access.Decide(owner, await rooms.FindStandingAsync(session, roomId, owner)) is not null, ct);
}
