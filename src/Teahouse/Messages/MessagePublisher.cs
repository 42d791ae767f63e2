using System.Collections.Concurrent;
using Teahouse.Realtime;

namespace Teahouse.Messages;

/// <summary>Takes messages as they are committed and hands them, encoded once, to everybody who listens. They may come in any order: each topic gets its own in order of their revisions. Whoever
/// finds nobody at it has it done: see <see cref="NearbyWork"/>. Thread-safe.</summary>
public sealed partial class MessagePublisher : IHostedService, IThreadPoolWorkItem, IDisposable
{
    /// <summary>What is handed on before those it concerns are woken.</summary>
    private const int Burst = 64;

    /// <summary>About the most bytes that go to the other nodes as one.</summary>
    private const int BytesForOthers = 64 * 1024;

    private readonly ConnectionRegistry _registry;
    private readonly IBackplane _backplane;
    private readonly MessageEncoder _encoder;
    private readonly ILogger _log;

    // Unbounded, but fed only by commits, whose own queue is bounded, and emptied without waiting for any client.
    private readonly ConcurrentQueue<Item> _items = new();

    // Items that are queued for sure and not handled yet. Whoever makes it 1 has the rest done.
    private int _pending;
    private volatile bool _stopped;

    // Belong to whoever handles the items.
    private readonly RevisionOrder<Item> _order;
    private readonly Dictionary<Topic, List<EncodedEvent>> _forOthers = [];
    private int _bytesForOthers;
    private readonly ITimer _due;

    // IsLocal: of this node, so the others are to be told.
    // Author: who waits until what comes before is published; then the rest is empty.
    private readonly record struct Item(Topic Topic, string Room, Message? Message, EncodedEvent? Encoded, bool IsLocal = true, IThreadPoolWorkItem? Author = null)
    {
        public long Rev => Message?.Rev ?? Encoded?.Rev ?? 0;
    }

    public MessagePublisher(ConnectionRegistry registry, IBackplane backplane, MessageEncoder encoder, TimeProvider time, ILogger<MessagePublisher> log)
    {
        (_registry, _backplane, _encoder, _log) = (registry, backplane, encoder, log);
        _order = new(time);
        // Nothing by itself: it has the others looked through.
        _due = time.CreateTimer(static publisher => ((MessagePublisher)publisher!).Add(default), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _backplane.Published += EnqueueForeign;
        return Task.CompletedTask;
    }

    /// <summary>What is not pushed from now on is on disk and will be caught up on; authors who wait are answered still.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _backplane.Published -= EnqueueForeign;
        _stopped = true;
        return Task.CompletedTask;
    }

    public void Dispose() => _due.Dispose();

    /// <summary>To be called after the commit. What is not told of here shows as a gap, and is read from the database.</summary>
    public void Enqueue(Topic topic, string room, Message message)
    {
        if (IsHeardSomewhere(topic))
        {
            Add(new Item(topic, room, message, null));
        }
    }

    /// <summary>Tells an account's sockets how far a room has come, whether they listen to it or not.</summary>
    internal void EnqueueHead(Topic topic, string room, long rev)
    {
        if (IsHeardSomewhere(topic))
        {
            Enqueue(topic, Head(room, rev));
        }
    }

    internal static EncodedEvent Head(string room, long rev) => new(0, default, WireFrame.Encode(WireFrame.Text, V1Frames.Head(room, rev)));

    /// <summary>Publishes what was encoded already, behind the messages committed before it.</summary>
    internal void Enqueue(Topic topic, EncodedEvent encoded) => Add(new Item(topic, "", null, encoded));

    /// <summary>Publishes here what happened on another node.</summary>
    internal void EnqueueForeign(Topic topic, EncodedEvent encoded) => Add(new Item(topic, "", null, encoded, IsLocal: false));

    /// <summary>Executes <paramref name="author"/> once everything enqueued before is published.</summary>
    internal void Enqueue(IThreadPoolWorkItem author) => Add(new Item(default, "", null, null, Author: author));

    private bool IsHeardSomewhere(Topic topic) => _backplane.IsShared || _registry.HasListeners(topic);

    private void Add(Item item)
    {
        _items.Enqueue(item);
        if (Interlocked.Increment(ref _pending) == 1)
        {
            NearbyWork.Queue(this);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        int handled;
        do
        {
            handled = Math.Min(Volatile.Read(ref _pending), Burst);
            // Each waking costs as much as what it is for.
            using (WakeBatch.Hold())
            {
                for (var i = 0; i < handled && _items.TryDequeue(out var item); i++)
                {
                    Handle(item);
                }
                TellOthers();
                foreach (var late in _order.TakeOverdue())
                {
                    Publish(late);
                }
            }
            if (_order.NextDue is { } wait)
            {
                // What is held has been held for long enough by then.
                _due.Change(wait, Timeout.InfiniteTimeSpan);
            }
        } while (Interlocked.Add(ref _pending, -handled) != 0);
    }

    /// <summary>Whatever one of them does, the next are handled: were one lost with those behind it, nobody would be handed anything any more.</summary>
    private void Handle(Item item)
    {
        try
        {
            Arrange(item);
        }
#pragma warning disable CA1031 // This one shows as a gap and is caught up on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(_log, e);
        }
    }

    private void Arrange(Item item)
    {
        if (item.Author is { } author)
        {
            author.Execute();
            return;
        }
        if (item.IsLocal && _backplane.IsShared)
        {
            // Before it is put in order: the other nodes do that themselves.
            item = Encode(item);
            if (item.Encoded is { } encoded)
            {
                KeepForOthers(item.Topic, encoded);
            }
        }
        if (item.Rev == 0)
        {
            Publish(item);
            return;
        }
        foreach (var next in _order.Add(item.Topic, _registry.FindFeed(item.Topic)?.HeadRev ?? 0, item.Rev, item))
        {
            Publish(next);
        }
    }

    private void KeepForOthers(Topic topic, EncodedEvent encoded)
    {
        if (!_forOthers.TryGetValue(topic, out var events))
        {
            _forOthers.Add(topic, events = []);
        }
        events.Add(encoded);
        _bytesForOthers += encoded.Plain.Length + encoded.V1.Length;
        if (_bytesForOthers >= BytesForOthers)
        {
            TellOthers();
        }
    }

    /// <summary>Once a burst: what each topic has goes as one.</summary>
    private void TellOthers()
    {
        foreach (var (topic, events) in _forOthers)
        {
            try
            {
                _backplane.Publish(topic, events);
            }
#pragma warning disable CA1031 // The others read it from the database.
            catch (Exception e)
#pragma warning restore CA1031
            {
                LogFailed(_log, e);
            }
        }
        _forOthers.Clear();
        _bytesForOthers = 0;
    }

    private void Publish(Item item)
    {
        try
        {
            if (!_stopped && Encode(item).Encoded is { } encoded)
            {
                _registry.Publish(item.Topic, encoded);
            }
        }
#pragma warning disable CA1031 // As above: those in order behind it are published still.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(_log, e);
        }
    }

    private Item Encode(Item item)
    {
        try
        {
            return item.Encoded is null && item.Message is { } message ? item with { Encoded = _encoder.Encode(message, item.Room) } : item;
        }
#pragma warning disable CA1031 // The next event still has its readers; this one shows as a gap and is caught up on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(_log, e);
            return item;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, EventName = "publish_failed", Message = "An event could not be published")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
