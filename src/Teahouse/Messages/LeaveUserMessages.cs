using Teahouse.Accounts;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>Takes an account's name, or all it said, out of the rooms it leaves behind. The <see cref="LeaveMessages"/> of this program. Thread-safe.</summary>
internal sealed class LeaveUserMessages(Db db, RoomQueries rooms, RoomStore roomStore, RoomLog log, SystemMessages events, TimeProvider time)
{
    /// <summary>Messages looked at in one read: authors have no index, and need none but here.</summary>
    private const int Stretch = 20_000;

    /// <summary>Messages changed in one transaction, so that it holds nobody up.</summary>
    private const int MaxAtOnce = 200;

    /// <summary>Each change has a revision of its own, as of every change: open pages, catching up, the API and the sinks' later readers see it. Repeating it changes nothing more.</summary>
    public async Task ExecuteAsync(User user, MessagesLeft how, CancellationToken ct)
    {
        long after = 0;
        var changed = 0;
        // What was under way when the account was shut comes behind what was the newest then.
        for (var looks = 0; looks < 2 || changed > 0; looks++)
        {
            var newest = await db.ReadAsync(MessageQueries.FindNewestIdAsync, ct);
            changed = await LeaveAsync(user, how, after, newest, ct);
            after = newest;
        }
    }

    /// <summary>Goes through the messages after one and up to another. Returns how many it changed.</summary>
    private async Task<int> LeaveAsync(User user, MessagesLeft how, long start, long newest, CancellationToken ct)
    {
        var changed = 0;
        for (var after = start; after < newest; after = await db.ReadAsync(session => MessageQueries.FindIdAfterAsync(session, after + Stretch), ct) - 1 ?? newest)
        {
            var from = after;
            var found = await db.ReadAsync(session => MessageQueries.ListOfUserAsync(session, user, from, from + Stretch), ct);
            foreach (var some in found.GroupBy(target => target.RoomId))
            {
                foreach (var piece in some.Chunk(MaxAtOnce))
                {
                    await db.WriteAsync(session => ChangeAsync(session, some.Key, [.. piece.Select(target => target.Id)], user, how), ct);
                    changed += piece.Length;
                }
            }
        }
        return changed;
    }

    private async Task ChangeAsync(DbSession session, long roomId, IReadOnlyList<long> ids, User user, MessagesLeft how)
    {
        if (!await roomStore.LockAsync(session, roomId) || await rooms.FindAsync(session, roomId) is not { } room)
        {
            return;
        }
        var at = time.GetUtcNow();
        await log.ChangeAsync(session, room, ids, message => message.Kind == Message.SystemKind
            ? events.Rename(message, user.Username)
            : message with
            {
                UserId = null,
                AuthorName = events.NameOfNobody,
                DisplayName = "",
                AvatarColour = null,
                // A program's own name may be its owner's.
                BotName = message.BotName is null ? null : "",
                Text = how == MessagesLeft.Removed ? "" : message.Text,
                DeletedAt = how == MessagesLeft.Removed ? message.DeletedAt ?? at : message.DeletedAt,
            });
    }
}
