using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>All SQL that writes <c>messages</c>. Stateless; runs in its caller's transaction.</summary>
public sealed class MessageStore
{
    // A repeated nonce inserts nothing and returns nothing.
    private const string Insert = """
        INSERT INTO messages (room_id, seq, rev, kind, user_id, author_key, author_name, is_guest, nonce, text, event, created_at)
        VALUES (@roomId, @seq, @rev, @kind, @userId, @authorKey, @authorName, @isGuest, @nonce, @text, @event, @createdAt)
        ON CONFLICT (room_id, author_key, nonce) WHERE nonce IS NOT NULL DO NOTHING
        RETURNING id
        """;

    /// <summary>Returns the new message's id; null when the author has used the nonce in this room before.</summary>
    public Task<long?> InsertAsync(DbSession session, Message message, string? authorKey) =>
        session.FindAsync<long?>(Insert, new
        {
            roomId = message.RoomId,
            seq = message.Seq,
            rev = message.Rev,
            kind = message.Kind,
            userId = message.UserId,
            authorKey,
            authorName = message.AuthorName,
            isGuest = message.IsGuest,
            nonce = authorKey is null ? null : message.Nonce,
            text = message.Text,
            @event = message.Event,
            createdAt = message.CreatedAt,
        });
}
