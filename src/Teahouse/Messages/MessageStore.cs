using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>All SQL that writes <c>messages</c>. Stateless; runs in its caller's transaction.</summary>
public sealed partial class MessageStore
{
    private const string UnlessRepeated = "ON CONFLICT (room_id, author_key, nonce) WHERE nonce IS NOT NULL DO NOTHING";

    private const string Insert = """
        INSERT INTO messages (room_id, seq, rev, kind, user_id, author_key, author_name, is_guest, bot_name, nonce, text, event, created_at)
        VALUES (@roomId, @seq, @rev, @kind, @userId, @authorKey, @authorName, @isGuest, @botName, @nonce, @text, @event, @createdAt)

        """ + UnlessRepeated;

    // Twice is once: whoever comes second finds it removed.
    private const string Remove = """
        UPDATE messages
        SET text = '', deleted_at = @at, rev = @rev
        WHERE id = @id AND deleted_at IS NULL
        """;

    private const string Edit = """
        UPDATE messages
        SET text = @Text, edited_at = @EditedAt, first_rev = COALESCE(first_rev, rev), rev = @Rev
        WHERE id = @Id
        """;

    private const string RemoveFirst = """
        DELETE FROM messages
        WHERE room_id = @roomId
          AND seq <= (SELECT MAX(f.seq) FROM (SELECT m.seq FROM messages m WHERE m.room_id = @roomId ORDER BY m.seq LIMIT @limit) AS f)
        """;

    // Whoever takes their name away takes their nonces along.
    private const string Replace = """
        UPDATE messages
        SET first_rev = COALESCE(first_rev, rev), rev = @Rev, user_id = @UserId, author_key = CASE WHEN kind = 'text' THEN NULL ELSE author_key END, nonce = CASE WHEN kind = 'text' THEN NULL ELSE nonce END,
            author_name = @AuthorName, bot_name = @BotName, text = @Text, event = @Event, edited_at = @EditedAt, deleted_at = @DeletedAt
        WHERE id = @Id
        """;

    private static readonly HotStatement HotInsert = new(Insert, "@roomId", "@seq", "@rev", "@kind", "@userId", "@authorKey", "@authorName", "@isGuest", "@botName", "@nonce", "@text", "@event", "@createdAt");

    /// <summary>Stores a draft as message <paramref name="numbers"/> of its room and returns it; null when the author has used the nonce in this room before.</summary>
    public async Task<Message?> InsertAsync(DbSession session, long roomId, Message draft, Advance numbers, string? authorKey) =>
        await session.InsertAsync(HotInsert,
        [
            roomId, numbers.Seq, numbers.Rev, draft.Kind, draft.UserId, authorKey, draft.AuthorName, draft.IsGuest, draft.BotName,
            authorKey is null ? null : draft.Nonce, draft.Text, draft.Event, numbers.At,
        ]) is { } id ? draft with { Id = id, RoomId = roomId, Seq = numbers.Seq, Rev = numbers.Rev, CreatedAt = numbers.At } : null;

    /// <summary>Puts another text, author and state in the place of a message's; nobody is its author by a nonce any more.</summary>
    internal static Task ReplaceAsync(DbSession session, Message message) => session.ExecuteAsync(Replace, new
    {
        message.Id,
        message.Rev,
        message.UserId,
        message.AuthorName,
        message.BotName,
        message.Text,
        message.Event,
        message.EditedAt,
        message.DeletedAt,
    });

    /// <summary>Stores a message's new text, and when it was edited, at the revision it has.</summary>
    public Task EditAsync(DbSession session, Message message) => session.ExecuteAsync(Edit, new { message.Id, message.Text, message.EditedAt, message.Rev });

    /// <summary>Deletes the first messages of a room that is deleted. Returns how many there were.</summary>
    internal static Task<int> RemoveFirstAsync(DbSession session, long roomId, int limit) => session.ExecuteAsync(RemoveFirst, new { roomId, limit });

    /// <summary>Empties a message and marks it as removed, at its room's revision <paramref name="rev"/>.</summary>
    public Task RemoveAsync(DbSession session, long id, long rev, DateTimeOffset at) => session.ExecuteAsync(Remove, new { id, rev, at });
}
