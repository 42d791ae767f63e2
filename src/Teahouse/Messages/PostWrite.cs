using System.Data.Common;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>A message on its way into a room.</summary>
/// <param name="Pass">The author's.</param>
/// <param name="Draft">Without its numbers.</param>
/// <param name="IsFromSocket">Its author waits for nothing but an ack.</param>
public sealed record PostItem(RoomPass Pass, Message Draft, bool IsFromSocket);

/// <summary>A message that was appended to its room.</summary>
/// <param name="Message">As stored.</param>
/// <param name="WatcherId">See <see cref="Advance.WatcherId"/>.</param>
public sealed record Appended(Message Message, long? WatcherId = null);

/// <summary>The write behind <see cref="PostMessage"/>: one message, or many of them in a few statements by the same rules.</summary>
public sealed class PostWrite(RoomLog log, BeginRoom beginRoom, RoomStore rooms, MessageStore messages) : GroupWrite<PostItem, Appended>
{
    /// <summary>Rooms that SQLite's writer keeps in mind, of about a hundred bytes each.</summary>
    private const int MaxHeads = 10_000;

    // Belongs to SQLite's writer.
    private readonly Dictionary<long, HeadCounter> _heads = [];

    public override async Task<Appended> ExecuteAsync(DbSession session, PostItem item)
    {
        var (pass, draft, _) = item;
        var room = pass.Room ?? await beginRoom.ExecuteAsync(session, pass, draft.CreatedAt);
        var message = await log.AppendAsync(session, room, draft, pass.Caller.AuthorKey);
        if (!await BelongsAsync(session, pass, message))
        {
            throw new RefusedException(Refusal.NoSuchRoom);
        }
        return new Appended(message);
    }

    internal override async Task<bool> TryExecuteManyAsync(DbSession session, PostItem[] items, Appended[] results, bool isUndisturbed)
    {
        if (!isUndisturbed || _heads.Count > MaxHeads)
        {
            _heads.Clear();
        }
        var numbered = new (Message Message, string? AuthorKey)[items.Length];
        for (var i = 0; i < items.Length; i++)
        {
            var (pass, draft, _) = items[i];
            var roomId = pass.Room!.Id; // What can join has a room.
            if (!_heads.TryGetValue(roomId, out var head))
            {
                head = await RoomStore.FindHeadAsync(session, roomId);
                if (head is null)
                {
                    return false;
                }
                _heads.Add(roomId, head);
            }
            head.Advance(draft.CreatedAt);
            numbered[i] = (draft with { RoomId = roomId, Seq = head.Seq, Rev = head.Rev, CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(head.At) }, pass.Caller.AuthorKey);
        }
        var ids = new long[items.Length];
        if (!MessageStore.TryInsertMany(session, numbered, ids))
        {
            return false;
        }
        for (var i = 0; i < items.Length; i++)
        {
            var message = numbered[i].Message;
            var head = _heads[message.RoomId];
            if (head.IsChanged)
            {
                RoomStore.SetHead(session, message.RoomId, head);
                head.IsChanged = false;
            }
            if (!await BelongsAsync(session, items[i].Pass, message))
            {
                return false;
            }
            results[i] = new Appended(message with { Id = ids[i] }, head.WatcherId);
        }
        return true;
    }

    public override void Committed(PostItem item, Appended result) => log.Publish(item.Pass.Room!, result.Message, result.WatcherId); // What was done together has a room.

    public override bool ContinuesAtOnce(PostItem item) => item.IsFromSocket;

    /// <summary>Behind the message itself, so that the author's socket is written to once.</summary>
    public override void LetGoOn(IThreadPoolWorkItem caller) => log.LetGoOn(caller);

    /// <summary>The room, by name: one that is yet to be made by its first message has no id.</summary>
    public override string KeyOf(PostItem item) => item.Pass.FeedTopic.Value;

    /// <summary>A room's first message makes it, which is rare, and more than a message.</summary>
    public override bool CanJoin(PostItem item) => item.Pass.Room is not null;

    public override IReadOnlyList<GroupStatement> Write(IReadOnlyList<PostItem> items)
    {
        // What can join has a room.
        var roomIds = new long[items.Count];
        var drafts = new (Message, string?)[items.Count];
        for (var i = 0; i < roomIds.Length; i++)
        {
            var (pass, draft, _) = items[i];
            roomIds[i] = pass.Room!.Id;
            drafts[i] = (draft, pass.Caller.AuthorKey);
        }
        return [rooms.LockMany(roomIds), messages.InsertMany(drafts, roomIds)];
    }

    public override GroupOutcome<Appended> Read(DbDataReader row, IReadOnlyList<PostItem> items)
    {
        var stored = MessageStore.ReadStored(row);
        var item = items[stored.Index];
        switch (stored.Verdict)
        {
            case StoreVerdict.Stored when item.Pass.Room is { } room:
                var message = item.Draft with { RoomId = room.Id, Id = stored.Id, Seq = stored.Seq, Rev = stored.Rev, CreatedAt = stored.At };
                return new(stored.Index, new Appended(message, stored.WatcherId));
            case StoreVerdict.Repeated:
                return new(stored.Index, new NonceRepeatedException());
            case StoreVerdict.Archived:
                return new(stored.Index, new RefusedException(Refusal.Archived));
            default:
                return new(stored.Index, new RefusedException(Refusal.NoSuchRoom));
        }
    }

    /// <summary>Who speaks in an open room belongs to it from then on; who was removed from a closed one a moment ago has not spoken: then false.</summary>
    private async ValueTask<bool> BelongsAsync(DbSession session, RoomPass pass, Message message) =>
        pass.Caller.UserId is not { } userId
        || await rooms.CountOwnAsync(session, message.RoomId, userId, message.Seq)
        || await rooms.AddParticipantAsync(session, message.RoomId, userId, message.Seq, message.CreatedAt);
}
