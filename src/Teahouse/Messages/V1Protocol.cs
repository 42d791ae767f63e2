using System.Text.Json;
using Teahouse.Realtime;
using Teahouse.Rooms;

namespace Teahouse.Messages;

/// <summary><c>teahouse.v1</c> (SPEC 4.2): any number of rooms over one socket, acks, catch-up, read marks, typing.</summary>
internal sealed class V1Protocol(Connection connection, SocketServices services) : SocketProtocol(connection, services)
{
    /// <summary>Rooms one socket may listen to; <c>hello</c> says so.</summary>
    internal const int MaxRooms = 2000;

    /// <summary>What who asks for more rooms is told to wait: no time makes room for another, only leaving one does.</summary>
    private static readonly TimeSpan RoomsFullPause = TimeSpan.FromSeconds(1);

    /// <summary>A typing sign is passed on at most this often for each subscribed room, and for all others together.</summary>
    private static readonly TimeSpan TypingPause = TimeSpan.FromSeconds(1);

    // Also touched by whoever takes a room away from this socket: only under its own lock. Small, for there may be very many sockets of one room.
    private readonly Dictionary<Topic, RoomPass> _passes = new(1);

    // The room of an earlier frame, as it was written there: most are of the same one.
    private (string Text, string Name, Topic Topic) _latest = ("", "", default);

    // Of subscribed rooms only, and gone with them: names of rooms cost a client nothing. Protected like the passes.
    private Dictionary<Topic, long>? _typedAt;

    // The same of all other rooms together.
    private long? _typedElsewhereAt;

    /// <summary>Greets the client and, on a socket of one room, joins it.</summary>
    public async Task BeginAsync(RoomPass? only)
    {
        await Services.Feeds.JoinOwnAsync(Connection);
        Connection.Send(V1Frames.Hello(Connection.Caller, Services.Epoch, Services.Settings));
        if (only is null)
        {
            // A socket of many rooms lives on when one of them is taken away.
            Connection.Dropped = OnDropped;
        }
        else
        {
            await JoinAsync(only, null, null);
        }
    }

    protected override async ValueTask<Task> ActAsync(JsonElement frame)
    {
        switch (Text(frame, "type"))
        {
            case "send":
                return await SendAsync(frame);
            case "subscribe":
                var pass = await Services.Access.EnterAsync(Connection.Caller, RoomOf(frame), Connection.Ended);
                await JoinAsync(pass, Number(frame, "after"), Text(frame, "epoch"));
                return Task.CompletedTask;
            case "unsubscribe":
                Unsubscribe(RoomOf(frame));
                return Task.CompletedTask;
            case "read":
                Connection.Caller.Require(TokenScope.Write);
                await Services.Read.ExecuteAsync(await PassAsync(RoomOf(frame)), Number(frame, "seq") ?? throw new RefusedException(Refusal.BadFrame), Connection.Ended);
                return Task.CompletedTask;
            case "typing":
                await TypeAsync(RoomOf(frame));
                return Task.CompletedTask;
            case "ping":
                Connection.Send(ControlFrames.Pong());
                return Task.CompletedTask;
            default:
                throw new RefusedException(Refusal.BadFrame);
        }
    }

    protected override void SendError(string code, string message, TimeSpan? retryAfter, Echo? echo) =>
        Connection.Send(ErrorFrame.V1(code, message, retryAfter, echo?.Room, echo?.Nonce));

    private async ValueTask<Task> SendAsync(JsonElement frame)
    {
        var room = RoomOf(frame);
        var text = Text(frame, "message") ?? throw new RefusedException(Refusal.BadFrame);
        var nonce = Nonce(frame);
        var pass = (await PassAsync(room)).Of(Connection.Caller);
        TakeMessage(pass.Caller);
        var post = Services.Post.ExecuteAsync(pass, new PostMessageInput(text, nonce, IsFromSocket: true));
        return FinishAsync(post, new Echo(room, nonce), posted => Connection.Send(V1Frames.Ack(posted.Message, pass.Name, nonce)));
    }

    private async Task JoinAsync(RoomPass pass, long? after, string? epoch)
    {
        var topic = pass.FeedTopic;
        lock (_passes)
        {
            if (_passes.Count >= MaxRooms && !_passes.ContainsKey(topic))
            {
                throw new RefusedException(Refusal.RateLimited) { RetryAfter = RoomsFullPause };
            }
        }
        // The answer may be large: who asks for much gets one after the other, as fast as it takes them.
        await Connection.HasRoomAsync();
        // Subscribing again is how a client that missed something is made whole: it begins anew from where it says it is.
        Services.Feeds.Leave(Connection, topic);
        Keep(topic, pass);
        try
        {
            await Services.Feeds.JoinAsync(Connection, pass, after, epoch, caught => Connection.Send(V1Frames.Subscribed(pass.Name, caught, Services.Epoch,
                Services.Feeds.Online(topic), Services.Encoder)));
        }
        catch
        {
            Forget(topic);
            throw;
        }
    }

    private void Unsubscribe(string room)
    {
        if (RoomName.TryParse(room, out var name))
        {
            var topic = Topic.Room(RoomName.Key(name));
            Forget(topic);
            Services.Feeds.Leave(Connection, topic);
        }
    }

    /// <summary>The pass of a subscribed room; of any other, if the caller may enter it.</summary>
    private async ValueTask<RoomPass> PassAsync(string room)
    {
        if (room != _latest.Text)
        {
            _latest = RoomName.TryParse(room, out var parsed) ? (room, parsed, Topic.Room(RoomName.Key(parsed))) : throw new RefusedException(Refusal.BadRoom);
        }
        var (_, name, topic) = _latest;
        // A pass is good for as long as its subscription: losing the room ends both.
        var known = Find(topic);
        if (known is { IsUnborn: false } && Connection.FindSubscription(topic) is { IsLive: true })
        {
            return known;
        }
        var pass = await Services.Access.EnterAsync(Connection.Caller, name, Connection.Ended);
        if (Find(topic) is not null)
        {
            Keep(topic, pass);
        }
        return pass;
    }

    private async Task TypeAsync(string room)
    {
        var pass = await PassAsync(room);
        if (!pass.CanPost || !Connection.Caller.May(TokenScope.Write) || Connection.Caller.Username.Length == 0 || !TakeTyping(pass.FeedTopic))
        {
            return;
        }
        Services.Feeds.Publish(pass.FeedTopic, V1Frames.Typing(pass.Name, Connection.Caller.Username));
    }

    /// <summary>Returns false when the room was told a moment ago.</summary>
    private bool TakeTyping(Topic topic)
    {
        var now = Services.Time.GetTimestamp();
        lock (_passes)
        {
            var isListening = _passes.ContainsKey(topic);
            var last = !isListening ? _typedElsewhereAt : _typedAt is not null && _typedAt.TryGetValue(topic, out var at) ? at : (long?)null;
            if (last is { } before && Services.Time.GetElapsedTime(before, now) < TypingPause)
            {
                return false;
            }
            if (isListening)
            {
                (_typedAt ??= [])[topic] = now;
            }
            else
            {
                _typedElsewhereAt = now;
            }
            return true;
        }
    }

    private void OnDropped(Topic topic, CloseCode code)
    {
        var pass = Forget(topic);
        Services.Feeds.Leave(Connection, topic);
        var refusal = code == CloseCode.RoomGone ? Refusal.RoomGone : Refusal.NoSuchRoom;
        Connection.Send(ErrorFrame.V1(refusal.Code, Describe(refusal, []), null, pass?.Name, null));
    }

    private RoomPass? Find(Topic topic)
    {
        lock (_passes)
        {
            return _passes.GetValueOrDefault(topic);
        }
    }

    private void Keep(Topic topic, RoomPass pass)
    {
        lock (_passes)
        {
            _passes[topic] = pass;
        }
    }

    private RoomPass? Forget(Topic topic)
    {
        lock (_passes)
        {
            _typedAt?.Remove(topic);
            return _passes.Remove(topic, out var pass) ? pass : null;
        }
    }

    private static string RoomOf(JsonElement frame) => Text(frame, "room") ?? throw new RefusedException(Refusal.BadFrame);
}
