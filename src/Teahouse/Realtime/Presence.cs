namespace Teahouse.Realtime;

/// <summary>Who is in which room right now, by their open sockets on any node. A person with three tabs is one; a reload of the page is no coming and going.
/// Visitors without any identity are not counted. Thread-safe.</summary>
public sealed partial class Presence(ConnectionRegistry registry, IBackplane backplane, TimeProvider time) : BackgroundService
{
    /// <summary>How long the last socket may be gone before its owner counts as away.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    /// <summary>Single comings and goings told to one room within a tick; past it only the number is told, or a crowd that arrives would cost its square.</summary>
    private const int MaxToldPerTick = 20;

    /// <summary>Most names listed at once.</summary>
    public const int MaxNames = 200;

    // Protects everything below.
    private readonly object _gate = new();
    private readonly Dictionary<Topic, Room> _rooms = [];

    /// <summary>How many people are in the room, and the names of the first of them.</summary>
    public (int Count, IReadOnlyList<string> Names) List(Topic topic)
    {
        lock (_gate)
        {
            return _rooms.TryGetValue(topic, out var room)
                ? (room.People.Count, [.. room.People.Values.Take(MaxNames).Select(person => person.Name)])
                : (0, []);
        }
    }

    /// <param name="topic">The room.</param>
    /// <param name="label">The room's name for the frames.</param>
    /// <param name="caller">Whose socket it is.</param>
    internal void Enter(Topic topic, string label, Caller caller)
    {
        if (caller.AuthorKey is not { } key)
        {
            return;
        }
        lock (_gate)
        {
            if (!_rooms.TryGetValue(topic, out var room))
            {
                _rooms[topic] = room = new Room(label);
                AskOthers(topic);
            }
            if (!room.People.TryGetValue(key, out var person))
            {
                room.People[key] = person = new Person(caller.Username);
                Tell(topic, room, caller.Username, online: true);
            }
            if (person.Sockets++ == 0 && person.LeftAt is null)
            {
                TellOthers(topic, key, person);
            }
            person.LeftAt = null;
        }
    }

    internal void Leave(Topic topic, Caller caller)
    {
        if (caller.AuthorKey is not { } key)
        {
            return;
        }
        lock (_gate)
        {
            if (_rooms.TryGetValue(topic, out var room) && room.People.TryGetValue(key, out var person) && --person.Sockets == 0)
            {
                person.LeftAt = time.GetTimestamp();
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        backplane.Told += Hear;
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                lock (_gate)
                {
                    Sweep();
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
        finally
        {
            backplane.Told -= Hear;
        }
    }

    private void Sweep()
    {
        RepeatToOthers();
        foreach (var (topic, room) in _rooms)
        {
            room.Told = 0;
            if (room.CountIsStale)
            {
                room.CountIsStale = false;
                registry.Publish(topic, Encode(ControlFrames.PresenceCount(room.Label, room.People.Count)));
            }
            foreach (var (key, person) in room.People)
            {
                if (person.Sockets == 0 && person.LeftAt is { } leftAt && time.GetElapsedTime(leftAt) > Grace)
                {
                    person.LeftAt = null;
                    TellOthers(topic, key, person);
                }
                ForgetSilentNodes(person);
                if (person.IsAway)
                {
                    room.People.Remove(key);
                    Tell(topic, room, person.Name, online: false);
                }
            }
            if (room.People.Values.All(static person => !person.IsHere))
            {
                _rooms.Remove(topic);
            }
        }
    }

    private void Tell(Topic topic, Room room, string name, bool online)
    {
        if (++room.Told > MaxToldPerTick)
        {
            room.CountIsStale = true;
            return;
        }
        registry.Publish(topic, Encode(ControlFrames.Presence(room.Label, name, online, room.People.Count)));
    }

    private static EncodedEvent Encode(byte[] json) => new(0, default, WireFrame.Encode(WireFrame.Text, json));

    private sealed class Room(string label)
    {
        public string Label { get; } = label;
        public Dictionary<string, Person> People { get; } = [];
        public int Told { get; set; }
        public bool CountIsStale { get; set; }
    }

    private sealed class Person(string name)
    {
        public string Name { get; } = name;

        /// <summary>On this node.</summary>
        public int Sockets { get; set; }

        /// <summary>When the last socket here ended; null while there is one, and when that has been long enough.</summary>
        public long? LeftAt { get; set; }

        /// <summary>On other nodes: when each of them said so last.</summary>
        public Dictionary<string, long> Nodes { get; } = [];

        public bool IsHere => Sockets > 0 || LeftAt is not null;

        public bool IsAway => !IsHere && Nodes.Count == 0;
    }
}
