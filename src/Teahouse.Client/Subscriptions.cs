using System.Text;

namespace Teahouse.Client;

/// <summary>The rooms that were joined: asks the server for what each lacks, after joining, a lost connection, or a gap. Guarded by the session.</summary>
/// <param name="options">For rooms.</param>
/// <param name="session">For rooms.</param>
/// <param name="write">Puts a frame on the connection; false without one.</param>
/// <param name="after">Acts later, guarded as well.</param>
internal sealed class Subscriptions(TeahouseClientOptions options, Session session, Func<byte[], bool> write, Action<TimeSpan, Action> after)
{
    /// <summary>Subscriptions asked for at once: enough to be quick, too few to be taken for a flood.</summary>
    private const int MaxAsking = 8;

    private readonly Dictionary<string, TeahouseRoom> _rooms = [];

    /// <summary>When the oldest question was asked that has no answer yet; null when all have.</summary>
    public long? OldestAskedAt => _rooms.Values.Min(room => room.AskedAt);

    /// <summary>Names are compared as the server does: in NFC and without regard to case; up and down, since some letters have two lower-case forms.</summary>
    public static string KeyOf(string room) =>
        room.Normalize(NormalizationForm.FormC).ToUpperInvariant().ToLowerInvariant().Normalize(NormalizationForm.FormC);

    public TeahouseRoom? Find(string? name) => name is null ? null : _rooms.GetValueOrDefault(name) ?? _rooms.GetValueOrDefault(KeyOf(name));

    /// <exception cref="InvalidOperationException">It is there already.</exception>
    public TeahouseRoom Add(string name)
    {
        var room = new TeahouseRoom(name, session, options);
        if (!_rooms.TryAdd(KeyOf(name), room))
        {
            throw new InvalidOperationException($"The room {name} is joined already.");
        }
        Ask();
        return room;
    }

    public void Leave(TeahouseRoom room)
    {
        if (Remove(room, null))
        {
            write(ClientFrame.Unsubscribe(room.Name).Encode());
            Ask();
        }
    }

    /// <summary>Subscribes to the rooms that need it, a few at a time.</summary>
    public void Ask()
    {
        var asking = _rooms.Values.Count(room => room.AskedAt is not null);
        foreach (var room in _rooms.Values.Where(room => room is { MustAsk: true, AskedAt: null }).Take(MaxAsking - asking))
        {
            if (!write(ClientFrame.Subscribe(room.Name, room.View.Rev, room.View.Epoch).Encode()))
            {
                return;
            }
            (room.MustAsk, room.AskedAt) = (false, TimeProvider.System.GetTimestamp());
        }
    }

    /// <summary>Asks once more what has no answer yet.</summary>
    public void AskAgain(Func<TeahouseRoom, bool> which)
    {
        foreach (var room in _rooms.Values.Where(room => room.AskedAt is not null).Where(which))
        {
            (room.MustAsk, room.AskedAt) = (true, null);
        }
        Ask();
    }

    /// <summary>The connection was lost.</summary>
    public void Lose()
    {
        foreach (var room in _rooms.Values)
        {
            (room.MustAsk, room.AskedAt) = (true, null);
            if (room is { IsLost: false, Joined.IsCompleted: true })
            {
                room.IsLost = true;
                room.Publish(new ConnectionLost());
            }
        }
    }

    public void End(TeahouseException? error)
    {
        foreach (var room in _rooms.Values.ToList())
        {
            Remove(room, error);
        }
    }

    public void Take(TeahouseRoom room, SubscribedFrame answer)
    {
        room.Name = answer.Room;
        room.AskedAt = null;
        var events = room.View.Apply(answer);
        if (room.IsLost && !room.View.HasGap)
        {
            room.IsLost = false;
            events = [.. events, new ConnectionRestored()];
            if (room.ReadUpTo > answer.LastReadSeq)
            {
                write(ClientFrame.Read(room.Name, room.ReadUpTo).Encode());
            }
        }
        room.Publish(events);
        room.Open();
        room.MustAsk |= room.View.HasGap;
        Ask();
    }

    public void Take(TeahouseRoom room, ChatMessage message)
    {
        if (room.View.Apply(message) is { } what)
        {
            room.Publish(what);
        }
        else if (room.View.HasGap && room.AskedAt is null)
        {
            room.MustAsk = true;
            Ask();
        }
    }

    public void Take(HeartbeatFrame heartbeat)
    {
        // The server says each room's own spelling, which may be another than that by which it was joined.
        Dictionary<string, long> heads = [];
        foreach (var (name, rev) in heartbeat.Rooms ?? [])
        {
            heads[KeyOf(name)] = rev;
        }
        foreach (var room in _rooms.Values.Where(room => room is { AskedAt: null, MustAsk: false }))
        {
            room.View.Compare(heads.TryGetValue(KeyOf(room.Name), out var head) ? head : null);
            room.MustAsk |= room.View.HasGap;
        }
        Ask();
    }

    public void Take(TeahouseRoom room, ErrorFrame error)
    {
        if (error.IsPassing)
        {
            after(error.RetryIn, () => AskAgain(each => each == room));
        }
        else if (room.AskedAt is not null || error.Code is ErrorCodes.Forbidden or ErrorCodes.BadRoom)
        {
            // The answer to the subscription, or the room was taken away.
            Remove(room, new TeahouseException(error.Code, error.Message ?? error.Code));
            Ask();
        }
    }

    private bool Remove(TeahouseRoom room, TeahouseException? error)
    {
        var key = KeyOf(room.Name);
        if (_rooms.GetValueOrDefault(key) != room)
        {
            return false;
        }
        _rooms.Remove(key);
        room.Close(error);
        return true;
    }
}
