using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>A room's history, to which everything said and everything that happened is appended in one way. Thread-safe.</summary>
public sealed class RoomLog(RoomStore rooms, RoomQueries roomQueries, MessageStore messages, MessageQueries queries, MessagePublisher publisher)
{
    /// <summary>Gives the draft its numbers, stores it, and publishes it after the commit. Returns the message as stored.</summary>
    /// <exception cref="NonceRepeatedException">The author has used the nonce here before; the transaction must be undone.</exception>
    /// <exception cref="RefusedException">The room is archived, or gone.</exception>
    public async Task<Message> AppendAsync(DbSession session, Room room, Message draft, string? authorKey)
    {
        var advance = await rooms.AdvanceForMessageAsync(session, room.Id, draft.CreatedAt)
            ?? throw new RefusedException(await queries.FindHeadAsync(session, room.Id) is null ? Refusal.NoSuchRoom : Refusal.Archived);
        var message = draft with { RoomId = room.Id, Seq = advance.Seq, Rev = advance.Rev, CreatedAt = advance.At };
        var id = await messages.InsertAsync(session, message, authorKey) ?? throw new NonceRepeatedException();
        message = message with { Id = id };
        session.AfterCommit(() => publisher.Enqueue(room.FeedTopic, room.Name, message));
        return message;
    }

    /// <summary>The message the author of <paramref name="draft"/> sent to this room with the same nonce; null when there is none.</summary>
    public async Task<Message?> FindByNonceAsync(DbSession session, RoomPass pass, Message draft)
    {
        if (pass.Caller.AuthorKey is not { } authorKey || draft.Nonce is not { } nonce)
        {
            return null;
        }
        var (room, _) = await roomQueries.FindWithMembershipAsync(session, RoomName.Key(pass.Name), null);
        return room is null ? null : await queries.FindByNonceAsync(session, room.Id, authorKey, nonce);
    }
}

/// <summary>The author has sent a message with this nonce to this room before.</summary>
public sealed class NonceRepeatedException : Exception;
