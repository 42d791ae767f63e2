using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>Takes back what was said: its text is gone from everywhere at once; its place in the room stays, so that nothing is missing from anybody's history. Thread-safe.</summary>
public sealed class RemoveMessage(Db db, RoomAccess access, RoomQueries rooms, RoomStore roomStore, MessageQueries queries, RoomLog log, TimeProvider time)
{
    /// <summary>Most that <see cref="ExecuteAsync(Caller, IReadOnlyList{long}, CancellationToken)"/> takes at once.</summary>
    public const int MaxAtOnce = 500;

    /// <summary>Authors remove what they said themselves; owners and moderators of a room, and administrators, anything but what the room says itself. Removed before: nothing happens.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchMessage"/>, <see cref="Refusal.Forbidden"/>, <see cref="Refusal.Archived"/>.</exception>
    public async Task ExecuteAsync(RoomPass pass, long messageId, CancellationToken ct)
    {
        await access.ChangeAsync(pass, (session, now) => RemoveAsync(session, now, messageId), ct);
        await log.PublishedAsync();
    }

    /// <summary>For administrators: messages of any rooms, each room by itself. Returns how many there were to remove; what is gone or was removed before is passed over.</summary>
    /// <param name="caller">An administrator.</param>
    /// <param name="messageIds">At most <see cref="MaxAtOnce"/>.</param>
    /// <param name="ct">Ends the wait between two rooms.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>, <see cref="Refusal.ScopeTooSmall"/>, <see cref="Refusal.TooMany"/>.</exception>
    public async Task<int> ExecuteAsync(Caller caller, IReadOnlyList<long> messageIds, CancellationToken ct)
    {
        caller.Require(TokenScope.Admin);
        if (!caller.IsAdmin)
        {
            throw new RefusedException(Refusal.Forbidden);
        }
        if (messageIds.Count > MaxAtOnce)
        {
            throw new RefusedException(Refusal.TooMany, MaxAtOnce);
        }
        var targets = await db.ReadAsync(session => queries.ListTargetsAsync(session, messageIds), ct);
        var count = 0;
        foreach (var some in targets.Where(target => target.Kind == Message.TextKind).GroupBy(target => target.RoomId))
        {
            ct.ThrowIfCancellationRequested();
            count += await db.WriteAsync(async session =>
                await roomStore.LockAsync(session, some.Key) && await rooms.FindAsync(session, some.Key) is { } room
                    ? await RemoveAsync(session, caller, room, [.. some.Select(target => target.Id)])
                    : 0, ct);
        }
        await log.PublishedAsync();
        return count;
    }

    private async Task RemoveAsync(DbSession session, RoomPass now, long messageId)
    {
        var room = now.Room ?? throw new RefusedException(Refusal.NoSuchMessage);
        var message = await queries.FindTargetAsync(session, messageId);
        if (message is null || message.RoomId != room.Id)
        {
            throw new RefusedException(Refusal.NoSuchMessage);
        }
        var governs = now.CanModerate || (now.Caller.IsAdmin && now.Caller.May(TokenScope.Admin));
        var isOwn = message.AuthorKey is not null && message.AuthorKey == now.Caller.AuthorKey;
        if (message.Kind != Message.TextKind || !(isOwn || governs))
        {
            throw new RefusedException(Refusal.Forbidden);
        }
        if (room.IsArchived && !governs)
        {
            throw new RefusedException(Refusal.Archived);
        }
        await RemoveAsync(session, now.Caller, room, [message.Id]);
    }

    private async Task<int> RemoveAsync(DbSession session, Caller caller, Room room, IReadOnlyList<long> ids)
    {
        var at = time.GetUtcNow();
        var removed = await log.RemoveAsync(session, room, ids, at);
        foreach (var message in removed)
        {
            await AuditLog.AddAsync(session, at, caller, "message_removed", room.Name, $"#{message.Seq} {message.Author}");
        }
        return removed.Count;
    }
}
