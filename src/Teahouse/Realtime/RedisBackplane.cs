using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using StackExchange.Redis;

namespace Teahouse.Realtime;

/// <summary>The backplane over Redis' publish and subscribe: one channel a topic, followed while somebody here listens, and one for the nodes themselves. On that each node sends a numbered
/// beat, which it hears itself too. When its own do not come back Redis is gone, however open the connection looks: nothing more is sent, and a new connection is made. When another node's
/// are missing, or their numbers have a hole, that node's events may be missing too. What was lost is found in the database.</summary>
/// <param name="options">How to connect.</param>
/// <param name="site">The name of this site's history, once that is known.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where it says that Redis is gone or back.</param>
internal sealed partial class RedisBackplane(ConfigurationOptions options, Func<string> site, TimeProvider time, ILogger<RedisBackplane> log) : BackgroundService, IBackplane
{
    private static readonly TimeSpan BeatInterval = TimeSpan.FromMilliseconds(300);

    /// <summary>Without a beat for so long Redis counts as gone.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    /// <summary>A connection gets so long to come to life before another one is tried.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Whoever joins a room waits no longer for it to be followed.</summary>
    private static readonly TimeSpan FollowTime = TimeSpan.FromMilliseconds(500);

    // Guards the connection and what is followed through it.
    private readonly object _gate = new();
    private readonly HashSet<Topic> _followed = [];
    private readonly RedisPeers _peers = new(time, Silence);
    private ConnectionMultiplexer? _redis;
    private long _connectedAt;
    private bool _isConnected;
    private long _beats;

    // Why there is no connection, and that it was said.
    private volatile string? _why;
    private bool _saidWhy;
    private int _generation;

    public bool IsShared => true;

    public bool IsHeard => IsConnected && _peers.AllHeard;

    public IReadOnlyList<string> Nodes => _peers.Heard;

    private bool IsConnected => Volatile.Read(ref _isConnected);

    public string Node { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    public event Action<Topic, EncodedEvent>? Published;

    public event Action<string, string, string>? Told;

    public event Action? Interrupted;

    public async Task FollowAsync(Topic topic)
    {
        ISubscriber? subscriber;
        int generation;
        lock (_gate)
        {
            _followed.Add(topic);
            subscriber = _redis?.GetSubscriber();
            generation = _generation;
        }
        if (subscriber is null)
        {
            // The next connection follows everything.
            return;
        }
        // While Redis is away the library notes it down for its return; there is nothing to wait for.
        Try(() => Subscribe(subscriber, topic, generation));
        if (IsConnected)
        {
            await Task.WhenAny(AnswerAsync(subscriber), Task.Delay(FollowTime, time));
        }
    }

    public void Unfollow(Topic topic)
    {
        lock (_gate)
        {
            if (_followed.Remove(topic))
            {
                Try(() => _redis?.GetSubscriber().Unsubscribe(ChannelOf(topic), null, CommandFlags.FireAndForget));
            }
        }
    }

    public void Publish(Topic topic, IReadOnlyList<EncodedEvent> items)
    {
        if (IsConnected)
        {
            Send(ChannelOf(topic), BackplaneEvent.Write(Node, items));
        }
    }

    public void Tell(string subject, string body)
    {
        if (IsConnected)
        {
            SendToNodes(subject, body);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (IsConnected)
        {
            // Until it is said, or the others will miss this node.
            var saying = SendToNodesAsync(IBackplane.ByeSubject, "");
            await Task.WhenAny(saying, Task.Delay(FollowTime, time, CancellationToken.None));
        }
        lock (_gate)
        {
            Close();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(BeatInterval, time);
        try
        {
            do
            {
                try
                {
                    await BeatAsync();
                }
#pragma warning disable CA1031 // Whatever is wrong with Redis is no reason to stop: the next beat tries again.
                catch (Exception e)
#pragma warning restore CA1031
                {
                    LogNotConnected(log, e.Message);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private async Task BeatAsync()
    {
        if (IsConnected && !_peers.IsHeard(Node))
        {
            Lose(Volatile.Read(ref _generation));
        }
        if (!IsConnected && (_redis is null || time.GetElapsedTime(_connectedAt) > Patience))
        {
            if (_redis is not null && !_saidWhy)
            {
                _saidWhy = true;
                LogNotConnected(log, _why ?? "no answer");
            }
            await ConnectAsync();
        }
        SendToNodes(BeatSubject, Interlocked.Increment(ref _beats).ToString(CultureInfo.InvariantCulture));
    }

    private async Task ConnectAsync()
    {
        int generation;
        lock (_gate)
        {
            Close();
            generation = ++_generation;
            _connectedAt = time.GetTimestamp();
        }
        try
        {
            // Does not fail when Redis is away: it goes on trying in the background.
            var redis = await ConnectionMultiplexer.ConnectAsync(options);
            // What is published until there is a connection again is lost.
            redis.ConnectionFailed += (_, failure) =>
            {
                _why = failure.Exception?.GetBaseException().Message ?? failure.FailureType.ToString();
                Lose(generation);
            };
            lock (_gate)
            {
                _redis = redis;
                var subscriber = redis.GetSubscriber();
                Subscribe(subscriber, NodesChannel, message => HearNode(generation, message));
                foreach (var topic in _followed)
                {
                    Subscribe(subscriber, topic, generation);
                }
            }
        }
        catch (Exception e) when (IsRedisTrouble(e))
        {
            LogNotConnected(log, e.Message);
        }
    }

    private void Close()
    {
        // In the background: it waits for a server that may be gone.
        var old = _redis;
        _redis = null;
        if (old is not null)
        {
            _ = Task.Run(() => Try(() => old.Close(allowCommandsToComplete: false)));
        }
    }

    private void Subscribe(ISubscriber subscriber, Topic topic, int generation) => Subscribe(subscriber, ChannelOf(topic), message => Hear(generation, topic, message));

    // A queue is heard in order; a handler given to the library would be called by several threads at once. Not awaited, since a subscription that failed would keep its queue and nobody could read it.
    private static void Subscribe(ISubscriber subscriber, RedisChannel channel, Action<RedisValue> hear) =>
        subscriber.Subscribe(channel, CommandFlags.FireAndForget).OnMessage(message => hear(message.Message));

    // On the connection that subscribes, so that its answer comes after what was asked there before.
    private static async Task AnswerAsync(ISubscriber subscriber)
    {
        try
        {
            await subscriber.PingAsync();
        }
        catch (Exception e) when (IsRedisTrouble(e))
        {
            // The missing beat will tell.
        }
    }

    private void Lose(int generation)
    {
        if (generation == Volatile.Read(ref _generation) && Interlocked.Exchange(ref _isConnected, false))
        {
            LogSilent(log);
        }
    }

    private void Hear(int generation, Topic topic, RedisValue message)
    {
        if (generation != Volatile.Read(ref _generation) || (byte[]?)message is not { } bytes || BackplaneEvent.IsOf(Node, bytes))
        {
            return;
        }
        // All of them are handed on together, by this thread.
        using var keeping = NearbyWork.Keep();
        foreach (var item in BackplaneEvent.Read(bytes))
        {
            Published?.Invoke(topic, item);
        }
    }

    private void Send(RedisChannel channel, byte[] message) => Try(() => _redis?.GetSubscriber().Publish(channel, message, CommandFlags.FireAndForget));

    private static void Try(Action act)
    {
        try
        {
            act();
        }
        catch (Exception e) when (IsRedisTrouble(e))
        {
            // The missing beat will tell.
        }
    }

    private static bool IsRedisTrouble(Exception e) => e is RedisException or TimeoutException or SocketException or IOException or ObjectDisposedException or InvalidOperationException;

    // Sites that share a Redis are kept apart.
    private RedisChannel ChannelOf(Topic topic) => RedisChannel.Literal($"teahouse:{site()}:{topic.Value}");

    private RedisChannel NodesChannel => RedisChannel.Literal($"teahouse:{site()}:nodes");

    [LoggerMessage(Level = LogLevel.Warning, EventName = "redis_silent", Message = "Redis does not answer; other nodes' messages are read from the database")]
    private static partial void LogSilent(ILogger logger);

    [LoggerMessage(Level = LogLevel.Information, EventName = "redis_heard", Message = "Redis carries events between the nodes")]
    private static partial void LogHeard(ILogger logger);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "node_not_understood", Message = "What another node says about {Subject} could not be understood")]
    private static partial void LogNotUnderstood(ILogger logger, string subject, Exception e);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "redis_not_connected", Message = "Redis cannot be reached: {Reason}")]
    private static partial void LogNotConnected(ILogger logger, string reason);
}
