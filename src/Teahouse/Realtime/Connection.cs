using System.Net;
using Teahouse.Web;

namespace Teahouse.Realtime;

/// <summary>One open socket: who it is, what it listens to, and what waits to be written to it. Anybody may send or close from any thread;
/// one pump at a time writes (Connection.Writing.cs); its wire reads and hands in what came (Connection.Inbound.cs).</summary>
public sealed partial class Connection : IThreadPoolWorkItem, IDisposable
{
    /// <summary>Own frames (acks, errors, answers) that may wait, in bytes, when another comes; past it the client is too slow. One frame alone may be larger: it was made a moment ago, and says
    /// nothing of its reader. So no more is kept than this and one frame.</summary>
    private const int MaxOwnBytes = 1 << 20;

    /// <summary>How long the closing handshake may take.</summary>
    internal static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(5);

    private readonly IWire _wire;
    private readonly Settings _settings;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ended = new();
    private readonly Action<Connection> _onEnded;

    // Protects _own and what belongs to it, _dirty and _subscriptions. May be taken while a feed's lock is held, never the other way round.
    private readonly object _gate = new();
    private List<ReadOnlyMemory<byte>>? _own;
    private int _ownBytes;
    private int _newestOwnBytes;
    private TaskCompletionSource? _ownTaken;
    private Queue<Subscription>? _dirty;
    private readonly Dictionary<Topic, Subscription> _subscriptions = [];
    private volatile bool _dead;

    private int _signals;
    private int _closing;
    private long _closingAt;
    private int _endings;
    private volatile bool _draining;

    /// <param name="id">Unique in this process.</param>
    /// <param name="caller">Who has opened it.</param>
    /// <param name="address">From where.</param>
    /// <param name="plain">It speaks the old systems' protocol.</param>
    /// <param name="wire">Carries its bytes.</param>
    /// <param name="settings">Limits and times.</param>
    /// <param name="time">The clock.</param>
    /// <param name="onEnded">Called once, when the socket has ended, on the thread pool.</param>
    internal Connection(long id, Caller caller, IPAddress address, bool plain, IWire wire, Settings settings, TimeProvider time, Action<Connection> onEnded)
    {
        Id = id;
        Caller = caller;
        Address = address;
        IsPlain = plain;
        _wire = wire;
        _settings = settings;
        _time = time;
        _onEnded = onEnded;
        Ended = _ended.Token;
        _pingedAt = _heartbeatAt = time.GetTimestamp();
    }

    public long Id { get; }

    /// <summary>The same person for as long as the socket is open; what others see of them may change.</summary>
    public Caller Caller { get; private set; }

    /// <summary>The caller has changed what others see of them.</summary>
    internal void ChangeLooks(string displayName, long? avatarColour) =>
        Caller = Caller with { DisplayName = Caller.Token?.BotName ?? displayName, AvatarColour = Caller.IsBot ? null : avatarColour };

    public IPAddress Address { get; }

    /// <summary>True for the old systems' protocol: message and error frames only.</summary>
    public bool IsPlain { get; }

    /// <summary>What it speaks, for who counts.</summary>
    internal string Protocol => _wire is EventStreamWire ? "events" : IsPlain ? "plain" : "v1";

    /// <summary>Events that were handed to it but for those that its feeds count (<see cref="Feed.Delivered"/>). Belongs to the pump's owner; whoever counts may see a moment ago.</summary>
    internal long Delivered { get; private set; }

    /// <summary>Why this side closes it; <see cref="CloseCode"/> 0 when it does not.</summary>
    internal CloseCode ClosedWith => (CloseCode)Volatile.Read(ref _closing);

    /// <summary>Set by a protocol that listens to several topics: told when one is taken away, instead of the whole socket being closed.</summary>
    internal Action<Topic, CloseCode>? Dropped { get; set; }

    /// <summary>Told of a mistake of the server's, in the acting on a frame or in the writing, which ends the socket.</summary>
    internal Action<Exception>? Failed { get; set; }

    /// <summary>Cancelled when the socket has ended.</summary>
    public CancellationToken Ended { get; }

    /// <summary>The program is stopping: what is under way is finished, nothing new is begun.</summary>
    public bool IsDraining => _draining;

    /// <summary>Nothing will be read or written any more.</summary>
    internal bool HasEnded => Volatile.Read(ref _endings) != 0;

    /// <summary>The peer has not taken at once what was written last.</summary>
    internal bool IsWaitingForPeer => Volatile.Read(ref _writingSince) != 0;

    public bool IsClosing => Volatile.Read(ref _closing) != 0;

    /// <summary>The event loop that serves its rooms, or null.</summary>
    internal IRounds? Rounds => _wire.Rounds;

    /// <summary>Queues a whole text payload for this connection alone. Never waits.</summary>
    public void Send(ReadOnlySpan<byte> json) => SendFrame(WireFrame.Encode(WireFrame.Text, json));

    /// <summary>Queues frames that were encoded already.</summary>
    internal void SendFrame(ReadOnlyMemory<byte> frame)
    {
        bool isBehind;
        lock (_gate)
        {
            if (_dead)
            {
                return;
            }
            isBehind = _ownBytes > MaxOwnBytes;
            if (!isBehind)
            {
                (_own ??= []).Add(frame);
                _ownBytes += frame.Length;
                _newestOwnBytes = frame.Length;
            }
        }
        if (isBehind)
        {
            Close(CloseCode.TooSlow);
        }
        Signal();
    }

    /// <summary>Done when little enough of the connection's own frames waits to be written that one of any size may follow, or the connection has ended. For who makes large answers: what the client asks
    /// for meanwhile waits too, so that it gets as much as it takes.</summary>
    internal Task HasRoomAsync()
    {
        lock (_gate)
        {
            return _dead || _ownBytes <= MaxOwnBytes / 2 ? Task.CompletedTask
                : (_ownTaken ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Begins the closing handshake: what waits of the connection's own frames is written first, no more events are. The first code wins.</summary>
    public void Close(CloseCode code)
    {
        if (Interlocked.CompareExchange(ref _closing, (int)code, 0) == 0)
        {
            Volatile.Write(ref _closingAt, _time.GetTimestamp());
            foreach (var subscription in ListSubscriptions())
            {
                subscription.Feed.LeaveStep(subscription);
            }
            Signal();
        }
    }

    /// <summary>Tells the client when to come back, and refuses what it still sends.</summary>
    internal void BeginDrain(int retryMs)
    {
        _draining = true;
        if (!IsPlain)
        {
            Send(ControlFrames.Drain(retryMs));
        }
    }

    /// <summary>Ends the connection without ceremony.</summary>
    public void Abort()
    {
        MarkDead();
        _wire.Abort();
    }

    /// <summary>Called by the wire when nothing will be read or written any more.</summary>
    internal void End()
    {
        LeaveStep();
        if (Interlocked.Exchange(ref _endings, 1) == 0)
        {
            MarkDead();
            // Elsewhere: what waits for the end must not run on the thread that serves everybody.
            ThreadPool.UnsafeQueueUserWorkItem(static connection =>
            {
                connection._ended.Cancel();
                connection._onEnded(connection);
            }, this, preferLocal: false);
        }
    }

    public void Dispose() => _ended.Dispose();

    private void MarkDead()
    {
        lock (_gate)
        {
            _dead = true;
            _own = null;
            _dirty = null;
            _ownTaken?.TrySetResult();
        }
    }

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

    internal Subscription? Remove(Topic topic)
    {
        lock (_gate)
        {
            return _subscriptions.Remove(topic, out var subscription) ? subscription : null;
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
            (_dirty ??= []).Enqueue(subscription);
        }
        Signal();
    }

    private void Signal()
    {
        if (Interlocked.Increment(ref _signals) == 1)
        {
            _wire.Schedule(this);
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = PumpAsync();
}
