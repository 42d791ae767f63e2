namespace Teahouse.Realtime;

/// <summary>Carries what happens on one node to the connections of all the others: quickly, at most once, and in no promised order. Whatever must arrive is in the database, where nodes look
/// when nothing comes. Thread-safe.</summary>
public interface IBackplane
{
    /// <summary>True when there may be other nodes.</summary>
    bool IsShared { get; }

    /// <summary>True while nothing seems to be lost, from any node: then nothing need be looked for elsewhere.</summary>
    bool IsHeard { get; }

    /// <summary>This node, among all of them.</summary>
    string Node { get; }

    /// <summary>The nodes heard of a moment ago, this one among them; empty where there are no others.</summary>
    IReadOnlyList<string> Nodes { get; }

    /// <summary>From the moment the task is done, other nodes' events of the topic arrive here; it is done too when that cannot be had.</summary>
    Task FollowAsync(Topic topic);

    void Unfollow(Topic topic);

    /// <summary>Hands events of this node to the others, as one: each takes its time at every node.</summary>
    void Publish(Topic topic, IReadOnlyList<EncodedEvent> items);

    /// <summary>The subject by which a node that stops takes its leave; the backplane tells it by itself.</summary>
    const string ByeSubject = "bye";

    /// <summary>Tells every other node something that is not for clients.</summary>
    void Tell(string subject, string body);

    /// <summary>Another node's event. Called one after the other.</summary>
    event Action<Topic, EncodedEvent>? Published;

    /// <summary>What another node tells: the node, the subject, the body. Called one after the other; what a handler throws is logged.</summary>
    event Action<string, string, string>? Told;

    /// <summary>Events may have been lost, and what comes from now on may not: whatever is followed should be looked up now. Called from any thread; must be quick.</summary>
    event Action? Interrupted;
}

/// <summary>Of a site that is one process: there is nobody to tell.</summary>
internal sealed class NoBackplane : IBackplane
{
    public bool IsShared => false;

    public bool IsHeard => false;

    public string Node => "";

    public IReadOnlyList<string> Nodes => [];

    public event Action<Topic, EncodedEvent>? Published
    {
        add { }
        remove { }
    }

    public event Action<string, string, string>? Told
    {
        add { }
        remove { }
    }

    public event Action? Interrupted
    {
        add { }
        remove { }
    }

    public Task FollowAsync(Topic topic) => Task.CompletedTask;

    public void Unfollow(Topic topic)
    {
    }

    public void Publish(Topic topic, IReadOnlyList<EncodedEvent> items)
    {
    }

    public void Tell(string subject, string body)
    {
    }
}
