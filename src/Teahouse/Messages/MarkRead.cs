using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>Moves a user's read mark in a room. Thread-safe.</summary>
public sealed class MarkRead(Db db, RoomStore rooms, RoomQueries roomQueries, MessageQueries queries, ConnectionRegistry registry, IBackplane backplane, MessagePublisher publisher, TimeProvider time)
{
    /// <summary>In a larger crowd the mark is told to the reader's own sockets only: everybody's marks to everybody would cost the square.</summary>
    private const int MaxTold = 100;

    /// <summary>Messages that may be looked at inside a write: more cost its time.</summary>
    private const int MaxCountedInWrite = 500;

    /// <summary>Messages looked at in one read.</summary>
    private const int CountedAtOnce = 20_000;

    /// <summary>How long a page waits for its mark.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Who moves the same mark from elsewhere at the same time, and again and again, reads on there.</summary>
    private const int MaxTries = 3;

    /// <summary>Marks everything up to <paramref name="seq"/> as read; a number past the newest message means the newest. Guests have no marks, and a token
    /// that may only read moves none; nothing happens.</summary>
    public async Task ExecuteAsync(RoomPass pass, long seq, CancellationToken ct)
    {
        if (pass.Room is not { } room || pass.Caller.UserId is not { } userId || seq <= 0 || !pass.Caller.May(TokenScope.Write))
        {
            return;
        }
        ReadStretch? counted = null;
        for (var tries = 0; tries < MaxTries && await db.WriteAsync(session => MoveAsync(session, pass, room, seq, counted), ct) is { } uncounted; tries++)
        {
            counted = await CountAsync(room.Id, userId, uncounted, ct);
        }
    }

    /// <summary>As <see cref="ExecuteAsync"/>, for who asks to read: what can't be noted just now is read all the same, and noted as soon as it can be, or by the next look.</summary>
    public async Task TryAsync(RoomPass pass, long seq, CancellationToken ct)
    {
        try
        {
            await ExecuteAsync(pass, seq, ct).WaitAsync(Patience, ct);
        }
        catch (TimeoutException)
        {
            // It is still under way.
        }
        catch (RefusedException e) when (e.Refusal == Refusal.Busy)
        {
            // The disk is full, or too much waits.
        }
    }

    /// <summary>Moves the mark as far as that takes no more than a moment: everybody's messages wait for this. Otherwise returns between which numbers the reader's own messages are to be counted first.</summary>
    private async Task<ReadStretch?> MoveAsync(DbSession session, RoomPass pass, Room room, long seq, ReadStretch? counted)
    {
        if (pass.Caller.UserId is not { } userId || await queries.FindHeadAsync(session, room.Id) is not { } head)
        {
            return null;
        }
        var upTo = counted?.Seq ?? Math.Min(seq, head.LastSeq);
        var moved = await rooms.MarkReadAtOnceAsync(session, room.Id, userId, upTo);
        if (!moved)
        {
            var membership = await roomQueries.FindMembershipAsync(session, room.Id, userId);
            if (membership is null)
            {
                // Who reads along in an open room belongs to it from then on; not who has left it, and has it open elsewhere.
                moved = pass.Membership is null && await rooms.AddParticipantAsync(session, room.Id, userId, upTo, time.GetUtcNow());
            }
            else if (membership.LastReadSeq < upTo)
            {
                var from = membership.LastReadSeq;
                if (counted?.From != from)
                {
                    counted = new ReadStretch(from, upTo, 0);
                    if (upTo - from > MaxCountedInWrite)
                    {
                        return counted;
                    }
                    counted = counted.Value with { Own = await MessageQueries.CountOwnAsync(session, room.Id, userId, from, upTo) };
                }
                moved = await rooms.MarkReadAsync(session, room.Id, userId, counted.Value);
            }
        }
        if (moved)
        {
            session.AfterCommit(() => Tell(room, pass.Caller, userId, upTo));
        }
        return null;
    }

    /// <summary>Whose a message is does not change while its author is a member, so it may be counted in pieces, beside everybody's writes.</summary>
    private async Task<ReadStretch> CountAsync(long roomId, long userId, ReadStretch read, CancellationToken ct)
    {
        var own = 0L;
        for (var after = read.From; after < read.Seq; after += CountedAtOnce)
        {
            var from = after;
            own += await db.ReadAsync(session => MessageQueries.CountOwnAsync(session, roomId, userId, from, Math.Min(read.Seq, from + CountedAtOnce)), ct);
        }
        return read with { Own = own };
    }

    private void Tell(Room room, Caller reader, long userId, long seq)
    {
        var json = ControlFrames.Write("read", json =>
        {
            json.WriteString("room"u8, room.Name);
            json.WriteString("user"u8, reader.Username);
            json.WriteNumber("seq"u8, seq);
        });
        // Nobody here listens: those on other nodes may, and are no crowd either, as far as is known here.
        var isCrowd = registry.FindFeed(room.FeedTopic) is { } feed ? feed.SubscriberCount > MaxTold : !backplane.IsShared;
        var topic = isCrowd ? Topic.User(userId) : room.FeedTopic;
        var encoded = new EncodedEvent(0, default, WireFrame.Encode(WireFrame.Text, json));
        publisher.Enqueue(topic, encoded);
        if (room.Kind == Room.ProjectKind)
        {
            // A project's owner may have more chats than a page listens to.
            publisher.Enqueue(Topic.User(userId), encoded);
        }
    }
}
