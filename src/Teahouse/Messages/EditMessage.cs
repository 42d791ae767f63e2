using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>Puts other words in the place of what somebody has said themselves. Id, number, time and nonce stay; everybody sees that it was edited, and nobody what it said before. Thread-safe.</summary>
public sealed class EditMessage(RoomAccess access, MessageQueries queries, RoomLog log, Settings settings, TimeProvider time)
{
    /// <summary>Returns the message as it is now, once that is on disk and was told to this process' readers; with the words it has already, nothing happens.</summary>
    /// <param name="pass">The room.</param>
    /// <param name="messageId">Which message.</param>
    /// <param name="text">The new text, by the rules of any message.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchMessage"/>, also for one that was removed; <see cref="Refusal.Forbidden"/> for somebody else's, and for what the room says;
    /// <see cref="Refusal.Archived"/>; and those of a bad text.</exception>
    public async Task<Message> ExecuteAsync(RoomPass pass, long messageId, string text, CancellationToken ct)
    {
        var words = MessageText.Parse(text, settings.MessageChars);
        Message? edited = null;
        await access.ChangeAsync(pass, async (session, now) => edited = await EditAsync(session, now, messageId, words), ct);
        await log.PublishedAsync();
        return edited ?? throw new RefusedException(Refusal.NoSuchMessage);
    }

    private async Task<Message?> EditAsync(DbSession session, RoomPass now, long messageId, string text)
    {
        var room = now.Room ?? throw new RefusedException(Refusal.NoSuchMessage);
        var message = await queries.FindTargetAsync(session, messageId);
        if (message is null || message.RoomId != room.Id)
        {
            throw new RefusedException(Refusal.NoSuchMessage);
        }
        if (message.Kind != Message.TextKind || message.AuthorKey is null || message.AuthorKey != now.Caller.AuthorKey)
        {
            throw new RefusedException(Refusal.Forbidden);
        }
        return room.IsArchived ? throw new RefusedException(Refusal.Archived) : await log.EditAsync(session, room, messageId, text, time.GetUtcNow());
    }
}
