using System.Threading.Channels;
using Teahouse.Client;

namespace Teahouse.Tests.Support;

/// <summary>Reads a room's events in the background and folds them, as its user would; tests wait on what it has.</summary>
public sealed class RoomReader
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Channel<RoomEvent> _log = Channel.CreateUnbounded<RoomEvent>();
    private readonly SortedDictionary<long, ChatMessage> _messages = [];
    private readonly Lock _gate = new();

    public RoomReader(TeahouseRoom room)
    {
        Room = room;
        Ended = ReadAsync();
    }

    public TeahouseRoom Room { get; }

    /// <summary>Ends or fails as the stream of events does.</summary>
    public Task Ended { get; }

    public IReadOnlyList<ChatMessage> Messages
    {
        get
        {
            lock (_gate)
            {
                return [.. _messages.Values];
            }
        }
    }

    public IEnumerable<string> Texts => Messages.Select(message => message.Text);

    /// <summary>The next event of this kind that fulfils the condition; those before it are passed over.</summary>
    public async Task<T> NextAsync<T>(Func<T, bool>? condition = null) where T : RoomEvent
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(Patience);
        await foreach (var each in _log.Reader.ReadAllAsync(timeout.Token))
        {
            if (each is T wanted && (condition?.Invoke(wanted) ?? true))
            {
                return wanted;
            }
        }
        throw new InvalidOperationException($"The room ended before a {typeof(T).Name}.");
    }

    /// <summary>Waits for the message with this number, unless it is there already.</summary>
    public async Task ReachAsync(long seq)
    {
        while (Messages is not [.., var last] || last.Seq < seq)
        {
            await NextAsync<RoomEvent>(each => each is MessageArrived or RoomReset);
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            await foreach (var each in Room.ReadEventsAsync(TestContext.Current.CancellationToken))
            {
                lock (_gate)
                {
                    Apply(each);
                }
                _log.Writer.TryWrite(each);
            }
        }
        finally
        {
            _log.Writer.TryComplete();
        }
    }

    private void Apply(RoomEvent each)
    {
        switch (each)
        {
            case RoomReset reset:
                _messages.Clear();
                foreach (var message in reset.Messages)
                {
                    _messages.Add(message.Seq, message);
                }
                break;
            case MessageArrived arrived:
                // Add: a second one with this number is an error.
                _messages.Add(arrived.Message.Seq, arrived.Message);
                Assert.Equal(arrived.Message.Seq, _messages.Last().Key);
                break;
            case MessageChanged changed when _messages.ContainsKey(changed.Message.Seq):
                _messages[changed.Message.Seq] = changed.Message;
                break;
            default:
                break;
        }
    }
}
