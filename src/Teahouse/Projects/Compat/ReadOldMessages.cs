using System.Text.Json.Serialization;
using Teahouse.Messages;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Projects.Compat;

/// <summary>What <c>get-messages</c> answers.</summary>
public sealed record OldMessagePage
{
    /// <summary>Oldest first.</summary>
    [JsonPropertyName("messages")]
    public required IReadOnlyList<OldMessage> Messages { get; init; }

    [JsonPropertyName("has_more")]
    public required bool HasMore { get; init; }
}

/// <summary>Reads what is new in a project chat for a reader who knows the last message's id, and moves their mark: system A's polling. Thread-safe.</summary>
public sealed class ReadOldMessages(Db db, MessageQueries messages, RoomPageQueries members, MarkRead markRead, OldMessageEncoder encoder)
{
    public const int MaxMessages = 200;

    /// <summary>The messages after <paramref name="lastId"/>; those by the other side are read from now on.</summary>
    public async Task<OldMessagePage> ExecuteAsync(RoomPass pass, long lastId, CancellationToken ct)
    {
        var room = pass.Room ?? throw new InvalidOperationException("A project chat is there.");
        var found = await db.ReadAsync(session => messages.ListAfterIdAsync(session, room.Id, lastId, MaxMessages + 1), ct);
        if (found.Count == 0)
        {
            return new OldMessagePage { Messages = [], HasMore = false };
        }
        var shown = found.Take(MaxMessages).ToList();
        await markRead.TryAsync(pass, shown[^1].Seq, ct);
        // Only now: what this call has read is read.
        var marks = await db.ReadAsync(session => members.ListMembersAsync(session, room.Id), ct);
        return new OldMessagePage
        {
            Messages = [.. shown.Select(message => encoder.Encode(message, IsRead(message)))],
            HasMore = found.Count > shown.Count,
        };

        bool IsRead(Message message) => marks.Any(mark => mark.UserId != message.UserId && message.Seq <= mark.LastReadSeq);
    }
}
