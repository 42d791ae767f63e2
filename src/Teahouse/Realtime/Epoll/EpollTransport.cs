using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Teahouse.Realtime.Epoll;

/// <summary>A transport for the web server over the event loop: HTTP stays the web server's, a socket that becomes a WebSocket stays the loop's. Linux only.</summary>
internal sealed class EpollTransport(EventLoop loop, ConnectionLimit limit, ILogger<EpollTransport> log) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is IPEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var address = (IPEndPoint)endpoint;
        // Its handle belongs to the loop's listener, which disposes of it.
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            if (address.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }
            socket.Bind(address);
            socket.Listen(EpollListener.Backlog);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw e.SocketErrorCode == SocketError.AddressAlreadyInUse ? new AddressInUseException(e.Message, e) : e;
        }
        return ValueTask.FromResult<IConnectionListener>(new EpollListener(loop, socket, limit.Max, log));
    }
}

/// <summary>Accepts connections for the web server.</summary>
internal sealed partial class EpollListener : IConnectionListener, IWatched
{
    public const int Backlog = 4096;

    /// <summary>Connections accepted in one turn of the loop.</summary>
    private const int AtOnce = 64;

    /// <summary>A connection that has begun is completed after so long.</summary>
    private static readonly TimeSpan Handshake = TimeSpan.FromMilliseconds(2);

    /// <summary>A request that came with its connection has been begun after so long.</summary>
    private static readonly TimeSpan LongestFresh = TimeSpan.FromMilliseconds(500);

    /// <summary>That there is no room is said no more often than this.</summary>
    private static readonly TimeSpan FullPause = TimeSpan.FromMinutes(1);

    /// <summary>How long to wait when the process or the system has no file left.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly EventLoop _loop;
    private readonly Socket _socket;
    private readonly int _file;
    private readonly int _most;
    private readonly ILogger _log;
    private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>();

    // Belong to the loop's thread.
    private readonly Queue<(HttpSocket Connection, long At)> _fresh = [];
    private bool _unbound;
    private long _fullSince;

    private bool _unbinding;

    /// <param name="loop">Reads and writes what is accepted.</param>
    /// <param name="socket">Bound, and listening.</param>
    /// <param name="most">The most connections the loop may hold, of all listeners.</param>
    /// <param name="log">Where it says that there is no room.</param>
    public EpollListener(EventLoop loop, Socket socket, int most, ILogger log)
    {
        _loop = loop;
        _most = most;
        _socket = socket;
        _file = (int)socket.Handle;
        _log = log;
        // The address as the system gave it, with the port it chose.
        EndPoint = socket.LocalEndPoint ?? throw new InvalidOperationException("The socket is not bound.");
        loop.Post(() => loop.Watch(_file, this, Native.In));
    }

    public EndPoint EndPoint { get; }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await _accepted.Reader.ReadAsync(cancellationToken);
        }
        catch (ChannelClosedException)
        {
            return null;
        }
    }

    /// <summary>Takes who is waiting already, then refuses everybody, and returns when the web server has begun with whom it got: from then on it ends connections
    /// between two requests, and a peer whose request it has not begun could not know whether it was carried out.</summary>
    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _unbinding, true) || _loop.IsStopped)
        {
            _accepted.Writer.TryComplete();
            return;
        }
        Native.HoldBack(_file);
        await Task.Delay(Handshake, CancellationToken.None);
        await _loop.EnterAsync();
        Accept(Backlog);
        _unbound = true;
        _loop.Forget(_file);
        _socket.Dispose();
        _accepted.Writer.TryComplete();
        var waiting = _fresh.Where(static fresh => fresh.Connection.IsFresh).ToList();
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (waiting.Exists(static fresh => fresh.Connection.IsFresh && Stopwatch.GetElapsedTime(fresh.At) < LongestFresh))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), CancellationToken.None);
        }
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    public void OnReady(uint events)
    {
        if (!_unbound)
        {
            Accept(AtOnce);
        }
    }

    public void OnLoopEnded() => _accepted.Writer.TryComplete();

    private void Accept(int most)
    {
        Span<byte> address = stackalloc byte[SocketAddresses.MaxBytes];
        for (var i = 0; i < most; i++)
        {
            var file = Native.Accept(_file, address);
            if (file < 0)
            {
                if (file is -Native.EMFILE or -Native.ENFILE or -Native.ENOBUFS or -Native.ENOMEM)
                {
                    PauseAccepting(-file);
                }
                return;
            }
            _loop.Accepted++;
            if (_loop.Accepted > _most && !TryMakeRoom())
            {
                _loop.Close(file);
                continue;
            }
            var connection = new HttpSocket(_loop, file, SocketAddresses.Read(address));
            connection.Start();
            _accepted.Writer.TryWrite(connection);
            while (_fresh.TryPeek(out var oldest) && (!oldest.Connection.IsFresh || Stopwatch.GetElapsedTime(oldest.At) > LongestFresh))
            {
                _fresh.Dequeue();
            }
            _fresh.Enqueue((connection, Stopwatch.GetTimestamp()));
        }
    }

    /// <summary>Drops who has been silent for the longest time: many of them must not keep out those who have something to say.</summary>
    private bool TryMakeRoom()
    {
        var now = Stopwatch.GetTimestamp();
        if (_fullSince == 0 || Stopwatch.GetElapsedTime(_fullSince, now) > FullPause)
        {
            _fullSince = now;
            LogFull(_log, _most);
        }
        if (_loop.Silent.First is not { Value: var silent })
        {
            return false;
        }
        silent.Drop(new ConnectionAbortedException("There is no room for silent connections."));
        return true;
    }

    // A listener that is ready but cannot be served would keep the loop turning.
    private void PauseAccepting(int error)
    {
        LogNoFiles(_log, error);
        _loop.Change(_file, 0);
        _ = ResumeAsync();
    }

    private async Task ResumeAsync()
    {
        await Task.Delay(Pause).ConfigureAwait(false);
        _loop.Post(() =>
        {
            if (!_unbound)
            {
                _loop.Change(_file, Native.In);
            }
        });
    }

    [LoggerMessage(Level = LogLevel.Error, EventName = "accept_paused", Message = "No connection can be accepted: the system is out of files or memory (error {Error})")]
    private static partial void LogNoFiles(ILogger logger, int error);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "connections_full", Message = "All {Most} connections that the system has files for are open: silent ones are dropped, and others refused")]
    private static partial void LogFull(ILogger logger, int most);
}
