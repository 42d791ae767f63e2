using System.Threading.Channels;

namespace Teahouse.Client;

/// <summary>A joined room: an exact, ordered view that follows the server over any number of reconnects. Disposing of it leaves the room. Thread-safe.</summary>
public sealed class TeahouseRoom : IDisposable
{
    private readonly Session _session;
    private readonly int _waitingEvents;

    // Bounded by Publish, which must be able to take out again what waits.
    private readonly Channel<RoomEvent> _events = Channel.CreateUnbounded<RoomEvent>();
    private readonly TaskCompletionSource _joined = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal TeahouseRoom(string name, Session session, TeahouseClientOptions options)
    {
        Name = name;
        View = new RoomView(options.KnownMessages);
        _session = session;
        _waitingEvents = options.WaitingEvents;
    }

    /// <summary>The room's name as the server writes it.</summary>
    public string Name { get; internal set; }

    /// <summary>The latest messages by <c>seq</c>, at most <see cref="TeahouseClientOptions.KnownMessages"/>; may be ahead of the events not yet read.</summary>
    public IReadOnlyList<ChatMessage> Messages => _session.Locked(() => View.Messages);

    /// <summary>The number of the newest message; 0 in an empty room.</summary>
    public long LastSeq => _session.Locked(() => View.LastSeq);

    /// <summary>Up to which message the user has read; 0 for guests, who have no mark.</summary>
    public long LastReadSeq => _session.Locked(() => View.LastReadSeq);

    /// <summary>How many people are in the room now.</summary>
    public int MembersOnline => _session.Locked(() => View.MembersOnline);

    /// <summary>Names of people in the room now; in a crowd not all of them.</summary>
    public IReadOnlyList<string> Online => _session.Locked(() => View.Online);

    /// <summary>Guarded by the session, as everything internal here.</summary>
    internal RoomView View { get; }

    /// <summary>Completes with the first answer of the server.</summary>
    internal Task Joined => _joined.Task;

    /// <summary>When it was subscribed to, while there is no answer yet.</summary>
    internal long? AskedAt { get; set; }

    /// <summary>Is to be subscribed to as soon as there is a connection.</summary>
    internal bool MustAsk { get; set; } = true;

    /// <summary>The connection was lost and the room is not whole again yet.</summary>
    internal bool IsLost { get; set; }

    /// <summary>The mark that <see cref="MarkRead"/> asked for.</summary>
    internal long ReadUpTo { get; set; }

    /// <summary>What happens in the room, in order, beginning with a <see cref="RoomReset"/>. For one reader: two at once would share the events between them. Ends when the
    /// room is left or the client disposed of.</summary>
    /// <exception cref="TeahouseException">The server has ended it: no longer allowed, deleted, signed out.</exception>
    public IAsyncEnumerable<RoomEvent> ReadEventsAsync(CancellationToken ct = default) => _events.Reader.ReadAllAsync(ct);

    /// <inheritdoc cref="TeahouseClient.SendAsync"/>
    public Task<SendReceipt> SendAsync(string text, CancellationToken ct = default) => _session.SendAsync(Name, text, ct);

    /// <summary>Says that the user has read up to this message. Never waits: it is said now, or after the next reconnect; a <see cref="ReadMarkMoved"/> confirms it. Guests have no mark.</summary>
    /// <param name="seq">The message's number; a number past the newest means the newest.</param>
    public void MarkRead(long seq) => _session.MarkRead(this, seq);

    /// <summary>Says that the user is writing; worth repeating every few seconds. Never waits, and is forgotten without a connection.</summary>
    public void ShowTyping() => _session.ShowTyping(this);

    /// <summary>Leaves the room; its events end.</summary>
    public void Dispose() => _session.Leave(this);

    /// <summary>Hands over what is in the view already, all or nothing.</summary>
    internal void Publish(params IReadOnlyList<RoomEvent> events)
    {
        if (_events.Reader.Count + events.Count > _waitingEvents)
        {
            // Memory must stay bounded and a hole must show: the reader gets what the room is now instead of how it came to be.
            while (_events.Reader.TryRead(out _))
            {
            }
            events = [new RoomReset(View.Messages, ResetReason.SlowReader)];
        }
        foreach (var each in events)
        {
            _events.Writer.TryWrite(each);
        }
    }

    internal void Open() => _joined.TrySetResult();

    /// <summary>Nothing follows any more; with an error, its reader gets it after what waits.</summary>
    internal void Close(TeahouseException? error)
    {
        _joined.TrySetException(error ?? new TeahouseException(ErrorCodes.Closed, "The room was left."));
        // Joining may have been given up: then nobody is left to look.
        _ = _joined.Task.Exception;
        _events.Writer.TryComplete(error);
    }
}
