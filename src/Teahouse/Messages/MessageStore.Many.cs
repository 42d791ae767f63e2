using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>Many messages in a few statements, by SQLite's writer.</summary>
public sealed partial class MessageStore
{
    private const string InsertTexts = "INSERT INTO messages (room_id, seq, rev, kind, user_id, author_key, author_name, is_guest, bot_name, nonce, text, created_at) VALUES";

    private static readonly HotInsert HotInsertTexts = new(InsertTexts, $"(?, ?, ?, '{Message.TextKind}', ?, ?, ?, ?, ?, ?, ?, ?)", UnlessRepeated);

    /// <summary>Stores texts with the numbers they have, and puts their ids into <paramref name="ids"/>. False when an author has used a nonce in its room before: then some are stored, and all is to be
    /// undone.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="messages">Without ids, each with whose nonce it carries.</param>
    /// <param name="ids">As many.</param>
    internal static bool TryInsertMany(DbSession session, ReadOnlySpan<(Message Message, string? AuthorKey)> messages, Span<long> ids)
    {
        var insert = session.Many(HotInsertTexts);
        for (var first = 0; first < messages.Length;)
        {
            var count = insert.Begin(messages.Length - first);
            foreach (var (message, authorKey) in messages.Slice(first, count))
            {
                insert.Add(message.RoomId);
                insert.Add(message.Seq);
                insert.Add(message.Rev);
                insert.Add(message.UserId);
                insert.Add(authorKey);
                insert.Add(message.AuthorName);
                insert.Add(message.IsGuest);
                insert.Add(message.BotName);
                insert.Add(authorKey is null ? null : message.Nonce);
                insert.Add(message.Text);
                insert.Add(message.CreatedAt.ToUnixTimeMilliseconds());
            }
            if (insert.Execute() != count)
            {
                return false;
            }
            for (var (i, id) = (first, insert.LastId - count + 1); i < first + count; i++, id++)
            {
                ids[i] = id;
            }
            first += count;
        }
        return true;
    }
}
