using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>Joins a connection to a room's feed without a gap: listen first, then read what changed, then go live. Thread-safe.</summary>
internal sealed class RoomFeeds(ConnectionRegistry registry, Presence presence, CatchUp catchUp, RoomQueries rooms, MessageQueries queries, MessageEncoder encoder, IBackplane backplane, Db db)
{
    /// <summary>Changes read at once for a client that has fallen out of the ring.</summary>
    private const int RefillSize = 200;

    private readonly SharedReads<(string RoomKey, long AfterRev), Refill> _refills = Refills(rooms, queries, encoder, db);

    /// <summary>Joins with what the client lacks. Does nothing when the connection listens to the room already or has ended.</summary>
    /// <param name="connection">The socket.</param>
    /// <param name="pass">The room.</param>
    /// <param name="after">The last revision the client has, or null.</param>
    /// <param name="epoch">Of which history that is, or null.</param>
    /// <param name="answer">Queues the answer, before anything live.</param>
    /// <exception cref="RefusedException">The caller may no longer enter.</exception>
    public Task JoinAsync(Connection connection, RoomPass pass, long? after, string? epoch, Action<CaughtUp> answer) => JoinAsync(connection, pass, async subscription =>
    {
        var caught = await catchUp.ExecuteAsync(pass, after, epoch, connection.Ended);
        // Before the answer, so that it counts the one who asks.
        Enter(subscription, pass);
        answer(caught);
        return caught.Rev;
    });

    /// <summary>Joins with what has been said since the pass was made, for clients that know no history.</summary>
    /// <exception cref="RefusedException">The caller may no longer enter.</exception>
    public Task JoinLiveAsync(Connection connection, RoomPass pass) => JoinAsync(connection, pass, async subscription =>
    {
        var head = await catchUp.ReadHeadAsync(pass, connection.Ended);
        Enter(subscription, pass);
        // A room that was deleted and begun anew meanwhile counts from its beginning.
        var from = Math.Min(pass.Room?.Rev ?? 0, head.Rev);
        if (from < head.Rev)
        {
            subscription.Rewind();
        }
        return from;
    });

    /// <summary>Joins after a revision, however long ago that was, for clients that take changes one by one. Begins with a <c>subscribed</c> that says from where.</summary>
    /// <param name="connection">The stream.</param>
    /// <param name="pass">The room.</param>
    /// <param name="after">The last revision the client has; null: from now on.</param>
    /// <param name="epoch">Of which history that is, or null.</param>
    /// <exception cref="RefusedException">The caller may no longer enter.</exception>
    public Task JoinFromAsync(Connection connection, RoomPass pass, long? after, string? epoch) => JoinAsync(connection, pass, async subscription =>
    {
        var head = await catchUp.ReadHeadAsync(pass, connection.Ended);
        var reset = after < 0 || after > head.Rev || (after is not null && epoch is not null && epoch != db.Epoch);
        var from = reset ? head.Rev : after ?? head.Rev;
        Enter(subscription, pass);
        connection.Send(V1Frames.Joined(pass.Name, head, from, db.Epoch, reset));
        if (from < head.Rev)
        {
            subscription.Rewind();
        }
        return from;
    });

    /// <summary>The connection has ended: leaves everything and counts it out.</summary>
    public void End(Connection connection)
    {
        LeaveAll(connection);
        registry.Remove(connection);
        connection.Dispose();
    }

    private async Task JoinAsync(Connection connection, RoomPass pass, Func<Subscription, Task<long>> readRev)
    {
        var subscription = registry.Subscribe(connection, pass.FeedTopic, pass.Name, (rev, ct) => RefillAsync(pass.Name, rev, ct));
        if (subscription is null)
        {
            return;
        }
        try
        {
            // What another node publishes after the read must arrive here.
            await subscription.Feed.Followed;
            subscription.GoLive(await readRev(subscription));
        }
        catch
        {
            Leave(connection, pass.FeedTopic);
            throw;
        }
    }

    /// <summary>Listens to what concerns the account itself, in whatever room.</summary>
    public void JoinOwn(Connection connection)
    {
        if (connection.Caller.UserId is { } userId)
        {
            registry.Subscribe(connection, Topic.User(userId), label: null, refill: null)?.GoLive(0);
        }
    }

    /// <summary>Tells everybody in the room something that is forgotten at once.</summary>
    public void Publish(Topic topic, byte[] json)
    {
        var item = new EncodedEvent(0, default, WireFrame.Encode(WireFrame.Text, json));
        registry.Publish(topic, item);
        backplane.Publish(topic, item);
    }

    public (int Count, IReadOnlyList<string> Names) Online(Topic topic) => presence.List(topic);

    public bool Leave(Connection connection, Topic topic)
    {
        if (registry.Unsubscribe(connection, topic) is not { } subscription)
        {
            return false;
        }
        if (subscription.TryLeave())
        {
            presence.Leave(topic, connection.Caller);
        }
        return true;
    }

    /// <summary>The socket has ended: leaves everything.</summary>
    private void LeaveAll(Connection connection)
    {
        foreach (var subscription in connection.ListSubscriptions())
        {
            Leave(connection, subscription.Feed.Topic);
        }
    }

    private void Enter(Subscription subscription, RoomPass pass)
    {
        var caller = subscription.Connection.Caller;
        presence.Enter(pass.FeedTopic, pass.Name, caller);
        if (!subscription.TryEnter())
        {
            // The socket has ended while it was joining, and nobody else will say so.
            presence.Leave(pass.FeedTopic, caller);
        }
    }

    /// <summary>Reads what changed in a room after a revision. When a room has a gap here, all who listen ask at once, and most for the same.</summary>
    internal Task<Refill> RefillAsync(string name, long afterRev, CancellationToken ct) => _refills.ReadAsync((RoomName.Key(name), afterRev), ct);

    private static SharedReads<(string RoomKey, long AfterRev), Refill> Refills(RoomQueries rooms, MessageQueries queries, MessageEncoder encoder, Db db) => new(asked => db.ReadAsync(async session =>
    {
        var room = await rooms.FindAsync(session, asked.RoomKey);
        if (room is null)
        {
            return new Refill([], asked.AfterRev, More: false);
        }
        var head = new Head { Rev = room.Rev, LastSeq = room.LastSeq };
        var messages = await queries.ListChangesAsync(session, room.Id, head, asked.AfterRev, RefillSize);
        var more = messages.Count == RefillSize;
        return new Refill([.. messages.Select(message => encoder.Encode(message, room.Name, plainAfter: asked.AfterRev))], more ? messages[^1].Rev : head.Rev, more);
    }, CancellationToken.None));
}
