using System.Net;
using Teahouse.Web;

namespace Teahouse.Realtime;

/// <summary>One open socket: who it is, what it listens to, and what waits to be written to it. Anybody may send or close from any thread;
/// one pump at a time writes. <see cref="RunAsync"/> (Connection.Reading.cs) reads.</summary>
public sealed partial class Connection : IThreadPoolWorkItem, IDisposable
{
    /// <summary>Own frames (acks, errors, answers) that may wait, in bytes; past it the client is too slow.</summary>
    private const int MaxOwnBytes = 1 << 20;

    private readonly Stream _stream;
    private readonly ConnectionRegistry _registry;
    private readonly Action _abort;
    private readonly Settings _settings;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _ended = new();

    // Protects _own, _ownBytes, _dirty and _subscriptions. May be taken while a feed's lock is held, never the other way round.
    private readonly object _gate = new();
    private List<ReadOnlyMemory<byte>> _own = [];
    private int _ownBytes;
    private Queue<Subscription> _dirty = [];
    private readonly Dictionary<Topic, Subscription> _subscriptions = [];

    private int _signals;
    private int _closing;
    private long _closingAt;
    private long _writingSince;
    private bool _dead;

    internal Connection(long id, Caller caller, IPAddress address, bool plain, Stream stream, ConnectionRegistry registry, Settings settings, TimeProvider time, Action abort)
    {
        Id = id;
        Caller = caller;
        Address = address;
        IsPlain = plain;
        _stream = stream;
        _registry = registry;
        _settings = settings;
        _time = time;
        _abort = abort;
        Ended = _ended.Token;
        _pingedAt = _pongedAt = _heartbeatAt = time.GetTimestamp();
    }

    public long Id { get; }

    public Caller Caller { get; }

    public IPAddress Address { get; }

    /// <summary>True for the old systems' protocol: message and error frames only.</summary>
    public bool IsPlain { get; }

    /// <summary>Set by a protocol that listens to several topics: told when one is taken away, instead of the whole socket being closed.</summary>
    internal Action<Topic, CloseCode>? Dropped { get; set; }

    /// <summary>Cancelled when the socket has ended.</summary>
    public CancellationToken Ended { get; }

    public bool IsClosing => Volatile.Read(ref _closing) != 0;

    /// <summary>Queues a whole text payload for this connection alone. Never waits.</summary>
    public void Send(ReadOnlySpan<byte> json) => SendFrame(WireFrame.Encode(WireFrame.Text, json));

    /// <summary>Queues frames that were encoded already.</summary>
    internal void SendFrame(ReadOnlyMemory<byte> frame)
    {
        lock (_gate)
        {
            if (_dead)
            {
                return;
            }
            _own.Add(frame);
            _ownBytes += frame.Length;
        }
        if (_ownBytes > MaxOwnBytes)
        {
            Close(CloseCode.TooSlow);
        }
        Signal();
    }

    /// <summary>Begins the closing handshake: what waits of the connection's own frames is written first, no more events are. The first code wins.</summary>
    public void Close(CloseCode code)
    {
        if (Interlocked.CompareExchange(ref _closing, (int)code, 0) == 0)
        {
            Volatile.Write(ref _closingAt, _time.GetTimestamp());
            Signal();
        }
    }

    /// <summary>Ends the connection without ceremony.</summary>
    public void Abort()
    {
        MarkDead();
        _abort();
    }

    public void Dispose() => _ended.Dispose();

    private void MarkDead()
    {
        lock (_gate)
        {
            _dead = true;
            _own = [];
            _dirty = [];
        }
        _written.TrySetResult();
    }

    /// <summary>The topics this connection listens to and how far each feed is.</summary>
    internal Subscription? FindSubscription(Topic topic)
    {
        lock (_gate)
        {
            return _subscriptions.GetValueOrDefault(topic);
        }
    }

    internal Subscription[] ListSubscriptions()
    {
        lock (_gate)
        {
            return [.. _subscriptions.Values];
        }
    }

    internal bool TryAdd(Subscription subscription)
    {
        lock (_gate)
        {
            return !_dead && _subscriptions.TryAdd(subscription.Feed.Topic, subscription);
        }
    }

    internal bool Remove(Topic topic, out Subscription? subscription)
    {
        lock (_gate)
        {
            return _subscriptions.Remove(topic, out subscription);
        }
    }

    internal void Enqueue(Subscription subscription)
    {
        lock (_gate)
        {
            if (_dead)
            {
                return;
            }
            _dirty.Enqueue(subscription);
        }
        Signal();
    }

    private void Signal()
    {
        if (Interlocked.Increment(ref _signals) == 1)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = PumpAsync();
}
