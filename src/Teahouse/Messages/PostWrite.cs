using System.Data.Common;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>A message on its way into a room.</summary>
/// <param name="Pass">The author's.</param>
/// <param name="Draft">Without its numbers.</param>
/// <param name="IsFromSocket">Its author waits for nothing but an ack.</param>
public sealed record PostItem(RoomPass Pass, Message Draft, bool IsFromSocket);

/// <summary>The write behind <see cref="PostMessage"/>: one message, or on a shared database many of them in a few statements by the same rules.</summary>
public sealed class PostWrite(RoomLog log, BeginRoom beginRoom, RoomStore rooms, MessageStore messages) : GroupWrite<PostItem, Posted>
{
    public override async Task<Posted> ExecuteAsync(DbSession session, PostItem item)
    {
        var (pass, draft, _) = item;
        var room = pass.Room ?? await beginRoom.ExecuteAsync(session, pass, draft.CreatedAt);
        var message = await log.AppendAsync(session, room, draft, pass.Caller.AuthorKey);
        // Who speaks in an open room belongs to it from then on; who was removed from a closed one a moment ago has not spoken.
        if (pass.Caller.UserId is { } userId
            && !await rooms.CountOwnAsync(session, room.Id, userId, message.Seq)
            && !await rooms.AddParticipantAsync(session, room.Id, userId, message.Seq, message.CreatedAt))
        {
            throw new RefusedException(Refusal.NoSuchRoom);
        }
        return new Posted(message, IsRepeat: false);
    }

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

    public override GroupOutcome<Posted> Read(DbDataReader row, IReadOnlyList<PostItem> items)
    {
        var stored = MessageStore.ReadStored(row);
        var item = items[stored.Index];
        switch (stored.Verdict)
        {
            case StoreVerdict.Stored when item.Pass.Room is { } room:
                var message = item.Draft with { RoomId = room.Id, Id = stored.Id, Seq = stored.Seq, Rev = stored.Rev, CreatedAt = stored.At };
                return new(stored.Index, new Posted(message, IsRepeat: false), () => log.Publish(room, message, stored.WatcherId));
            case StoreVerdict.Repeated:
                return new(stored.Index, new NonceRepeatedException());
            case StoreVerdict.Archived:
                return new(stored.Index, new RefusedException(Refusal.Archived));
            default:
                return new(stored.Index, new RefusedException(Refusal.NoSuchRoom));
        }
    }
}
