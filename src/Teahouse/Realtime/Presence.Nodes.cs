using System.Text.Json;

namespace Teahouse.Realtime;

/// <summary>What nodes tell each other about who is where. Each says what changes with itself, repeats it now and then in case that was lost, and says it all to a node that asks.</summary>
public sealed partial class Presence
{
    private const string Subject = "presence";

    private static readonly TimeSpan BetweenRepeats = TimeSpan.FromSeconds(10);

    /// <summary>What a node has not repeated for so long is no longer so: it may have died.</summary>
    private static readonly TimeSpan NodeSilence = TimeSpan.FromSeconds(25);

    private long _repeatedAt;

    /// <summary>One node's people in one room.</summary>
    /// <param name="Topic">The room's.</param>
    /// <param name="Asks">The node has just begun to listen to the room, and would like to know who is there.</param>
    /// <param name="Here">Keys and names of those who are there.</param>
    /// <param name="Gone">Keys of those who have gone.</param>
    private sealed record Word(string Topic, bool Asks, IReadOnlyDictionary<string, string> Here, IReadOnlyList<string> Gone);

    private void AskOthers(Topic topic) => Say(new Word(topic.Value, Asks: true, Here: new Dictionary<string, string>(), Gone: []));

    private void TellOthers(Topic topic, string key, Person person) => Say(person.IsHere
        ? new Word(topic.Value, Asks: false, new Dictionary<string, string> { [key] = person.Name }, [])
        : new Word(topic.Value, Asks: false, new Dictionary<string, string>(), [key]));

    private void RepeatToOthers()
    {
        if (!backplane.IsShared || time.GetElapsedTime(_repeatedAt) < BetweenRepeats)
        {
            return;
        }
        _repeatedAt = time.GetTimestamp();
        foreach (var (topic, room) in _rooms)
        {
            SayAll(topic, room);
        }
    }

    private void SayAll(Topic topic, Room room)
    {
        var here = room.People.Where(static pair => pair.Value.IsHere).ToDictionary(static pair => pair.Key, static pair => pair.Value.Name);
        if (here.Count > 0)
        {
            Say(new Word(topic.Value, Asks: false, here, []));
        }
    }

    private void Say(Word word)
    {
        if (backplane.IsShared)
        {
            backplane.Tell(Subject, JsonSerializer.Serialize(word));
        }
    }

    private void Hear(string node, string subject, string body)
    {
        if (subject == IBackplane.ByeSubject)
        {
            ForgetNode(node);
            return;
        }
        if (subject != Subject || JsonSerializer.Deserialize<Word>(body) is not { } word)
        {
            return;
        }
        var topic = new Topic(word.Topic);
        lock (_gate)
        {
            if (!_rooms.TryGetValue(topic, out var room))
            {
                return;
            }
            if (word.Asks)
            {
                SayAll(topic, room);
            }
            foreach (var (key, name) in word.Here)
            {
                if (!room.People.TryGetValue(key, out var person))
                {
                    room.People[key] = person = new Person(name);
                    Tell(topic, room, name, online: true);
                }
                person.Nodes[node] = time.GetTimestamp();
            }
            foreach (var key in word.Gone)
            {
                // Told by the next sweep.
                room.People.GetValueOrDefault(key)?.Nodes.Remove(node);
            }
        }
    }

    /// <summary>Its people are told to be away, or elsewhere, by the next sweep.</summary>
    private void ForgetNode(string node)
    {
        lock (_gate)
        {
            foreach (var person in _rooms.Values.SelectMany(static room => room.People.Values))
            {
                person.Nodes.Remove(node);
            }
        }
    }

    private void ForgetSilentNodes(Person person)
    {
        foreach (var (node, at) in person.Nodes)
        {
            if (time.GetElapsedTime(at) > NodeSilence)
            {
                person.Nodes.Remove(node);
            }
        }
    }
}
