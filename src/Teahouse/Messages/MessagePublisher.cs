using System.Threading.Channels;
using Teahouse.Realtime;

namespace Teahouse.Messages;

/// <summary>Takes messages as they are committed and hands them, encoded once, to everybody who listens, off the writer thread. They may come in any order: each topic gets its own in order of
/// their revisions.</summary>
public sealed partial class MessagePublisher(ConnectionRegistry registry, IBackplane backplane, MessageEncoder encoder, TimeProvider time, ILogger<MessagePublisher> log) : BackgroundService
{
    /// <summary>What is handed on before those it concerns are woken.</summary>
    private const int Burst = 64;

    // Unbounded, but fed only by commits, whose own queue is bounded, and emptied without waiting for any client.
    private readonly Channel<Item> _items = Channel.CreateUnbounded<Item>(new UnboundedChannelOptions { SingleReader = true });

    // Belongs to the loop.
    private readonly RevisionOrder<Item> _order = new(time);

    // IsLocal: of this node, so the others are to be told.
    // Author: who waits until what comes before is published; then the rest is empty.
    private readonly record struct Item(Topic Topic, string Room, Message? Message, EncodedEvent? Encoded, bool IsLocal = true, IThreadPoolWorkItem? Author = null)
    {
        public long Rev => Message?.Rev ?? Encoded?.Rev ?? 0;
    }

    /// <summary>To be called after the commit. What is not told of here shows as a gap, and is read from the database.</summary>
    public void Enqueue(Topic topic, string room, Message message)
    {
        if (IsHeardSomewhere(topic))
        {
            _items.Writer.TryWrite(new Item(topic, room, message, null));
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
    internal void Enqueue(Topic topic, EncodedEvent encoded) => _items.Writer.TryWrite(new Item(topic, "", null, encoded));

    /// <summary>Publishes here what happened on another node.</summary>
    internal void EnqueueForeign(Topic topic, EncodedEvent encoded) => _items.Writer.TryWrite(new Item(topic, "", null, encoded, IsLocal: false));

    /// <summary>Executes <paramref name="author"/> once everything enqueued before is published.</summary>
    internal void Enqueue(IThreadPoolWorkItem author)
    {
        if (!_items.Writer.TryWrite(new Item(default, "", null, null, Author: author)))
        {
            // Nothing is published any more, but who waits is answered.
            author.Execute();
        }
    }

    private bool IsHeardSomewhere(Topic topic) => backplane.IsShared || registry.HasListeners(topic);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        backplane.Published += EnqueueForeign;
        try
        {
            while (await WaitAsync(stoppingToken))
            {
                // Each waking costs as much as what it is for.
                using var batch = WakeBatch.Hold();
                for (var i = 0; i < Burst && _items.Reader.TryRead(out var item); i++)
                {
                    Arrange(item);
                }
                foreach (var late in _order.TakeOverdue())
                {
                    Publish(late);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops; what is not pushed is on disk and will be caught up on.
        }
        finally
        {
            backplane.Published -= EnqueueForeign;
            _items.Writer.TryComplete();
            while (_items.Reader.TryRead(out var item))
            {
                item.Author?.Execute();
            }
        }
    }

    /// <summary>Returns when there is something to publish, or what was held has been held for long enough. False when nothing more will come.</summary>
    private async ValueTask<bool> WaitAsync(CancellationToken ct)
    {
        if (_order.NextDue is not { } wait)
        {
            return await _items.Reader.WaitToReadAsync(ct);
        }
        using var due = CancellationTokenSource.CreateLinkedTokenSource(ct);
        due.CancelAfter(wait);
        try
        {
            return await _items.Reader.WaitToReadAsync(due.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return true;
        }
    }

    private void Arrange(Item item)
    {
        if (item.Author is { } author)
        {
            author.Execute();
            return;
        }
        if (item.IsLocal && backplane.IsShared)
        {
            // Before it is put in order: the other nodes do that themselves.
            item = Encode(item);
            if (item.Encoded is { } encoded)
            {
                backplane.Publish(item.Topic, encoded);
            }
        }
        if (item.Rev == 0)
        {
            Publish(item);
            return;
        }
        foreach (var next in _order.Add(item.Topic, registry.FindFeed(item.Topic)?.HeadRev ?? 0, item.Rev, item))
        {
            Publish(next);
        }
    }

    private void Publish(Item item)
    {
        if (Encode(item).Encoded is { } encoded)
        {
            registry.Publish(item.Topic, encoded);
        }
    }

    private Item Encode(Item item)
    {
        try
        {
            return item.Encoded is null && item.Message is { } message ? item with { Encoded = encoder.Encode(message, item.Room) } : item;
        }
#pragma warning disable CA1031 // The next event still has its readers; this one shows as a gap and is caught up on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(log, e);
            return item;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, EventName = "publish_failed", Message = "An event could not be published")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
