using System.Collections.Concurrent;
using Teahouse.Web;

namespace Teahouse.Realtime;

/// <summary>All open sockets of this process and the feeds they listen to. Thread-safe.</summary>
public sealed class ConnectionRegistry(Settings settings, IBackplane backplane)
{
    private const long LatelyMilliseconds = 30_000;

    private readonly ConcurrentDictionary<long, Connection> _connections = new();
    private readonly ConcurrentDictionary<Topic, Feed> _feeds = new();

    // Protects the counts, and that a feed is not dropped while somebody joins it.
    private readonly object _gate = new();
    private readonly Dictionary<string, int> _perUser = [];
    private readonly Dictionary<string, int> _perAddress = [];
    private readonly Dictionary<CloseCode, long> _closed = [];
    private long _deliveredBefore;
    private long _lastId;
    private long _askedAt;
    private int _places;
    private volatile bool _draining;

    public int Count => _connections.Count;

    /// <summary>Events handed to sockets since the start: to those that are open, and to those that were.</summary>
    internal long Delivered
    {
        get
        {
            lock (_gate)
            {
                // Under the lock no socket and no feed moves from the one sum to the other.
                return _deliveredBefore + _connections.Sum(static each => each.Value.Delivered) + _feeds.Sum(static each => each.Value.Delivered);
            }
        }
    }

    /// <summary>How many speak what.</summary>
    internal IReadOnlyList<(string Protocol, int Count)> CountByProtocol()
    {
        var counts = new Dictionary<string, int> { ["plain"] = 0, ["v1"] = 0, ["events"] = 0 };
        foreach (var (_, connection) in _connections)
        {
            counts[connection.Protocol]++;
        }
        return [.. counts.Select(each => (each.Key, each.Value))];
    }

    /// <summary>How many have ended, by the code this side closed them with.</summary>
    internal IReadOnlyList<(CloseCode Code, long Count)> CountClosed()
    {
        lock (_gate)
        {
            return [.. _closed.Select(each => (each.Key, each.Value))];
        }
    }

    /// <summary>Sockets open or about to be.</summary>
    internal int Places => Volatile.Read(ref _places);

    /// <summary>The program is stopping; no new socket is opened.</summary>
    public bool IsDraining => _draining;

    /// <summary>Takes a place before the handshake is answered, so that no burst gets past <c>LIMIT_SOCKETS</c>. Returns false when there is none, or the program is stopping.</summary>
    internal bool TryReserve()
    {
        var place = Interlocked.Increment(ref _places);
        if (!_draining && (settings.Sockets == 0 || place <= settings.Sockets))
        {
            return true;
        }
        Release();
        return false;
    }

    /// <summary>Gives back a place from <see cref="TryReserve"/>; <see cref="Remove"/> does it for a connection.</summary>
    internal void Release() => Interlocked.Decrement(ref _places);

    internal void BeginDrain() => _draining = true;

    /// <summary>Somebody wants to know whether this node is ready, and will again.</summary>
    internal void NoteAsked() => Volatile.Write(ref _askedAt, Environment.TickCount64);

    /// <summary>There is a proxy, or a neighbour, that looks whether this node is ready.</summary>
    internal bool WasAskedLately => Volatile.Read(ref _askedAt) is > 0 and var at && Environment.TickCount64 - at < LatelyMilliseconds;

    internal IEnumerable<Connection> Connections => _connections.Values;

    internal long NextId() => Interlocked.Increment(ref _lastId);

    /// <summary>Counts the connection in. Returns false when its user or address has too many; it is registered all the same, so that it can be closed properly.</summary>
    internal bool Add(Connection connection)
    {
        var network = ClientNetwork.Of(connection.Address);
        _connections[connection.Id] = connection;
        lock (_gate)
        {
            var perUser = connection.Caller.AuthorKey is { } key ? Change(_perUser, key, +1) : 0;
            var perAddress = Change(_perAddress, network, +1);
            if (connection.HasEnded)
            {
                // Gone so soon that its end found nothing to remove yet.
                Remove(connection);
            }
            return (settings.SocketsPerUser == 0 || perUser <= settings.SocketsPerUser)
                && (settings.SocketsPerAddress == 0 || perAddress <= settings.SocketsPerAddress);
        }
    }

    internal void Remove(Connection connection)
    {
        foreach (var subscription in connection.ListSubscriptions())
        {
            Unsubscribe(connection, subscription.Feed.Topic);
        }
        lock (_gate)
        {
            if (!_connections.TryRemove(connection.Id, out _))
            {
                return;
            }
            Release();
            _deliveredBefore += connection.Delivered;
            _closed[connection.ClosedWith] = _closed.GetValueOrDefault(connection.ClosedWith) + 1;
            if (connection.Caller.AuthorKey is { } key)
            {
                Change(_perUser, key, -1);
            }
            Change(_perAddress, ClientNetwork.Of(connection.Address), -1);
        }
    }

    /// <summary>Registers at the head of the topic's feed; delivery begins with <see cref="Subscription.GoLive"/>. Null when the connection listens to it already or has ended.</summary>
    internal Subscription? Subscribe(Connection connection, Topic topic, string? label, RefillFeed? refill)
    {
        lock (_gate)
        {
            var feed = _feeds.GetOrAdd(topic, static (key, backplane) => new Feed(key) { Followed = backplane.FollowAsync(key) }, backplane);
            var subscription = new Subscription(connection, feed, label, refill);
            if (connection.TryAdd(subscription))
            {
                feed.Add(subscription);
                return subscription;
            }
            DropIfUnused(feed);
            return null;
        }
    }

    /// <summary>Returns what ended; null when the connection does not listen to the topic.</summary>
    internal Subscription? Unsubscribe(Connection connection, Topic topic)
    {
        if (connection.Remove(topic) is not { } subscription)
        {
            return null;
        }
        subscription.Stop();
        lock (_gate)
        {
            subscription.Feed.Remove(subscription);
            DropIfUnused(subscription.Feed);
        }
        return subscription;
    }

    /// <summary>True when somebody listens: only then is an event worth encoding.</summary>
    public bool HasListeners(Topic topic) => _feeds.ContainsKey(topic);

    /// <summary>What is listened to here.</summary>
    internal IEnumerable<Feed> Feeds => _feeds.Values;

    internal Feed? FindFeed(Topic topic) => _feeds.GetValueOrDefault(topic);

    /// <summary>Hands an event to everybody who listens. Events of one topic must be published in order of their revisions.</summary>
    public void Publish(Topic topic, EncodedEvent item) => FindFeed(topic)?.Append(item);

    /// <summary>Ends the sockets opened with a sign-in that is over (4501).</summary>
    public void CloseSession(long sessionId) => CloseWhere(connection => connection.Caller.SessionId == sessionId, CloseCode.SessionEnded);

    /// <summary>Ends the sockets and streams opened with an API token that is over (4501).</summary>
    public void CloseToken(long tokenId) => CloseWhere(connection => connection.Caller.Token?.Id == tokenId, CloseCode.SessionEnded);

    /// <summary>Ends the streams that an account's password opened (4501).</summary>
    public void ClosePassword(long userId) => CloseWhere(connection => connection.Caller.IsByPassword && connection.Caller.UserId == userId, CloseCode.SessionEnded);

    /// <summary>Ends all sockets of an account (4501).</summary>
    public void CloseUser(long userId) => CloseWhere(connection => connection.Caller.UserId == userId, CloseCode.SessionEnded);

    /// <summary>What an account says from now on shows its new name and colour, on sockets that are open already too.</summary>
    public void ChangeLooks(long userId, string displayName, long? avatarColour)
    {
        foreach (var connection in _connections.Values.Where(connection => connection.Caller.UserId == userId))
        {
            connection.ChangeLooks(displayName, avatarColour);
        }
    }

    /// <summary>Ends all sockets of those whom no room lets in any more (4503).</summary>
    public void CloseCallers(Func<Caller, bool> who) => CloseWhere(connection => who(connection.Caller), CloseCode.NotAllowed);

    /// <summary>Ends the sockets by which an account listens to a room it may no longer enter (4503).</summary>
    public void Evict(Topic topic, long userId) => CloseListeners(topic, caller => caller.UserId == userId, CloseCode.NotAllowed);

    /// <summary>Ends the sockets of everybody in the room who fails <paramref name="mayStay"/> (4503).</summary>
    public void EvictAllBut(Topic topic, Func<Caller, bool> mayStay) => CloseListeners(topic, caller => !mayStay(caller), CloseCode.NotAllowed);

    /// <summary>Ends the sockets of everybody who listens to a room that is gone (4504).</summary>
    public void CloseTopic(Topic topic) => CloseListeners(topic, _ => true, CloseCode.RoomGone);

    private void CloseListeners(Topic topic, Func<Caller, bool> who, CloseCode code)
    {
        foreach (var subscription in FindFeed(topic)?.ListSubscriptions() ?? [])
        {
            var connection = subscription.Connection;
            if (!who(connection.Caller))
            {
                continue;
            }
            // Nothing more of this topic, whatever the close does.
            subscription.Stop();
            if (connection.Dropped is { } dropped)
            {
                dropped(topic, code);
            }
            else
            {
                connection.Close(code);
            }
        }
    }

    private void CloseWhere(Func<Connection, bool> which, CloseCode code)
    {
        foreach (var connection in _connections.Values)
        {
            if (which(connection))
            {
                connection.Close(code);
            }
        }
    }

    private void DropIfUnused(Feed feed)
    {
        if (feed.SubscriberCount == 0)
        {
            if (_feeds.TryRemove(feed.Topic, out _))
            {
                _deliveredBefore += feed.Delivered;
            }
            backplane.Unfollow(feed.Topic);
        }
    }

    private static int Change<TKey>(Dictionary<TKey, int> counts, TKey key, int by) where TKey : notnull
    {
        var count = counts.GetValueOrDefault(key) + by;
        if (count == 0)
        {
            counts.Remove(key);
        }
        else
        {
            counts[key] = count;
        }
        return count;
    }
}
