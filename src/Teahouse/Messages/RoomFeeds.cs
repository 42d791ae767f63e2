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
        RefuseAnother(pass, caught);
        // Before the answer, so that it counts the one who asks.
        Enter(subscription, pass);
        answer(caught);
        return (caught.Rev, caught.Rev);
    });

    /// <summary>Joins with what has been said since the pass was made, for clients that know no history.</summary>
    /// <exception cref="RefusedException">The caller may no longer enter.</exception>
    public Task JoinLiveAsync(Connection connection, RoomPass pass) => JoinAsync(connection, pass, async subscription =>
    {
        var head = await catchUp.ReadHeadAsync(pass, connection.Ended);
        RefuseAnother(pass, head);
        Enter(subscription, pass);
        var from = pass.Room?.Rev ?? 0;
        if (from < head.Rev)
        {
            subscription.Rewind();
        }
        return (from, head.Rev);
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
        RefuseAnother(pass, head);
        var reset = after < 0 || after > head.Rev || (after is not null && epoch is not null && epoch != db.Epoch);
        var from = reset ? head.Rev : after ?? head.Rev;
        Enter(subscription, pass);
        connection.Send(V1Frames.Joined(pass.Name, head, from, db.Epoch, reset));
        if (from < head.Rev)
        {
            subscription.Rewind();
        }
        return (from, head.Rev);
    });

    /// <summary>The connection has ended: leaves everything and counts it out.</summary>
    public void End(Connection connection)
    {
        LeaveAll(connection);
        registry.Remove(connection);
        connection.Dispose();
    }

    /// <param name="connection">The socket.</param>
    /// <param name="pass">The room.</param>
    /// <param name="read">Reads what is to be read first. Returns after which revision delivery begins, and how far the room had come.</param>
    private async Task JoinAsync(Connection connection, RoomPass pass, Func<Subscription, Task<(long From, long HeadRev)>> read)
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
            var (from, headRev) = await read(subscription);
            subscription.GoLive(from, headRev);
        }
        catch
        {
            Leave(connection, pass.FeedTopic);
            throw;
        }
    }

    /// <summary>Listens to what concerns the account itself, in whatever room. Once this is done, what other nodes say of it arrives too.</summary>
    public async Task JoinOwnAsync(Connection connection)
    {
        if (connection.Caller.UserId is { } userId && registry.Subscribe(connection, Topic.User(userId), label: null, refill: null) is { } subscription)
        {
            subscription.GoLive(0);
            await subscription.Feed.Followed;
        }
    }

    /// <summary>Tells everybody in the room something that is forgotten at once.</summary>
    public void Publish(Topic topic, byte[] json)
    {
        var item = new EncodedEvent(0, default, WireFrame.Encode(WireFrame.Text, json));
        registry.Publish(topic, item);
        backplane.Publish(topic, [item]);
    }

    public (int Count, IReadOnlyList<string> Names) Online(Topic topic) => presence.List(topic);

    /// <summary>A room that was deleted since the pass was made, and begun anew under its name, is another one, of which this pass knows nothing.</summary>
    private static void RefuseAnother(RoomPass pass, CaughtUp now)
    {
        if (pass.Room is { } room && now.Room?.Id != room.Id)
        {
            throw new RefusedException(now.Room is null ? Refusal.NoSuchRoom : Refusal.Busy);
        }
    }

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
