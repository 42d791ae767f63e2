using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>Moves a user's read mark in a room. Thread-safe.</summary>
public sealed class MarkRead(Db db, RoomStore rooms, RoomQueries roomQueries, MessageQueries queries, ConnectionRegistry registry, IBackplane backplane, MessagePublisher publisher, TimeProvider time)
{
    /// <summary>In a larger crowd the mark is told to the reader's own sockets only: everybody's marks to everybody would cost the square.</summary>
    private const int MaxTold = 100;

    /// <summary>Marks everything up to <paramref name="seq"/> as read; a number past the newest message means the newest. Guests have no marks, and a token
    /// that may only read moves none; nothing happens.</summary>
    public async Task ExecuteAsync(RoomPass pass, long seq, CancellationToken ct)
    {
        if (pass.Room is not { } room || pass.Caller.UserId is not { } userId || seq <= 0 || !pass.Caller.May(TokenScope.Write))
        {
            return;
        }
        await db.WriteAsync(async session =>
        {
            if (await queries.FindHeadAsync(session, room.Id) is not { } head)
            {
                return;
            }
            var upTo = Math.Min(seq, head.LastSeq);
            var moved = await rooms.MarkReadAsync(session, room.Id, userId, upTo);
            if (!moved && await roomQueries.FindMembershipAsync(session, room.Id, userId) is null)
            {
                // Who reads along in an open room belongs to it from then on.
                moved = await rooms.AddParticipantAsync(session, room.Id, userId, upTo, time.GetUtcNow());
            }
            if (moved)
            {
                session.AfterCommit(() => Tell(room, pass.Caller, userId, upTo));
            }
        }, ct);
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
