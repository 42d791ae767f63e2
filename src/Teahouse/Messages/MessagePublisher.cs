using System.Threading.Channels;
using Teahouse.Realtime;

namespace Teahouse.Messages;

/// <summary>Takes messages as they are committed and hands them, encoded once, to everybody who listens; in commit order, off the writer thread.</summary>
public sealed partial class MessagePublisher(ConnectionRegistry registry, MessageEncoder encoder, ILogger<MessagePublisher> log) : BackgroundService
{
    // Unbounded, but fed only by commits, whose own queue is bounded, and emptied without waiting for any client.
    private readonly Channel<Item> _items = Channel.CreateUnbounded<Item>(new UnboundedChannelOptions { SingleReader = true });

    private readonly record struct Item(Topic Topic, string Room, Message? Message, EncodedEvent? Encoded);

    /// <summary>To be called after the commit, in commit order.</summary>
    public void Enqueue(Topic topic, string room, Message message)
    {
        if (registry.HasListeners(topic))
        {
            _items.Writer.TryWrite(new Item(topic, room, message, null));
        }
    }

    /// <summary>Tells an account's sockets how far a room has come, whether they listen to it or not.</summary>
    internal void EnqueueHead(Topic topic, string room, long rev)
    {
        if (registry.HasListeners(topic))
        {
            Enqueue(topic, new EncodedEvent(0, default, WireFrame.Encode(WireFrame.Text, V1Frames.Head(room, rev))));
        }
    }

    /// <summary>Publishes what was encoded already, behind the messages committed before it.</summary>
    internal void Enqueue(Topic topic, EncodedEvent encoded) => _items.Writer.TryWrite(new Item(topic, "", null, encoded));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var item in _items.Reader.ReadAllAsync(stoppingToken))
            {
                Publish(item);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops; what is not pushed is on disk and will be caught up on.
        }
    }

    private void Publish(Item item)
    {
        try
        {
            var encoded = item.Encoded ?? (item.Message is null ? null : encoder.Encode(item.Message, item.Room));
            if (encoded is not null)
            {
                registry.Publish(item.Topic, encoded);
            }
        }
#pragma warning disable CA1031 // The next event still has its readers; this one shows as a gap and is caught up on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(log, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, EventName = "publish_failed", Message = "An event could not be published")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
