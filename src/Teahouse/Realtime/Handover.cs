using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Teahouse.Realtime.Epoll;

namespace Teahouse.Realtime;

/// <summary>A connection of the web server's own transport that a WebSocket can take over: HTTP ends there, and the bytes go on. What HTTP keeps for every connection, most of an idle socket's
/// memory, is gone then.</summary>
internal sealed class Handover : ConnectionContext, IConnectionHeartbeatFeature
{
    private readonly ConnectionContext _connection;
    private readonly Duplex _bare;
    private readonly List<(Action<object> Act, object State)> _heartbeats = [];
    private Func<Task>? _rest;
    private volatile bool _isTaken;

    private Handover(ConnectionContext connection)
    {
        _connection = connection;
        Transport = _bare = new Duplex(new HttpInput(connection.Transport.Input, this), new HttpOutput(connection.Transport.Output, this));
        Features = new FeatureCollection(connection.Features);
        Features.Set(this);
        // HTTP asks to be woken for as long as the connection lives, and cannot take that back.
        Features.Set<IConnectionHeartbeatFeature>(this);
        connection.Features.Get<IConnectionHeartbeatFeature>()?.OnHeartbeat(static handover => ((Handover)handover).Beat(), this);
    }

    public override string ConnectionId
    {
        get => _connection.ConnectionId;
        set => _connection.ConnectionId = value;
    }

    public override IFeatureCollection Features { get; }

    public override IDictionary<object, object?> Items
    {
        get => _connection.Items;
        set => _connection.Items = value;
    }

    public override IDuplexPipe Transport { get; set; }

    public override CancellationToken ConnectionClosed
    {
        get => _connection.ConnectionClosed;
        set => _connection.ConnectionClosed = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _connection.LocalEndPoint;
        set => _connection.LocalEndPoint = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _connection.RemoteEndPoint;
        set => _connection.RemoteEndPoint = value;
    }

    /// <summary>The web server's middleware: HTTP first, and then, if a socket has taken the connection, the socket.</summary>
    public static ConnectionDelegate Before(ConnectionDelegate http) => async connection =>
    {
        var rest = await ServeAsync(http, connection);
        if (rest is not null)
        {
            await rest();
        }
    };

    /// <summary>Answers the upgrade and takes the connection; null when something stands between it and HTTP (TLS), so that it cannot be had bare. HTTP is to be aborted then, which
    /// the connection does not notice.</summary>
    /// <param name="answer">Its whole head.</param>
    /// <exception cref="IOException">The peer has gone.</exception>
    public async Task<IDuplexPipe?> TakeAsync(ReadOnlyMemory<byte> answer)
    {
        if (!ReferenceEquals(Transport, _bare))
        {
            return null;
        }
        _isTaken = true;
        lock (_heartbeats)
        {
            _heartbeats.Clear();
        }
        var flushed = await _connection.Transport.Output.WriteAsync(answer);
        return flushed.IsCompleted ? throw new IOException("The peer has gone.") : _connection.Transport;
    }

    /// <summary>What the connection is used for when HTTP has ended; without it, it is closed.</summary>
    public void GoOn(Func<Task> rest) => _rest = rest;

    /// <summary>Drops the peer, whoever has the connection.</summary>
    public void Drop() => _connection.Abort();

    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (!_isTaken)
        {
            _connection.Abort(abortReason);
        }
    }

    void IConnectionHeartbeatFeature.OnHeartbeat(Action<object> action, object state)
    {
        lock (_heartbeats)
        {
            _heartbeats.Add((action, state));
        }
    }

    /// <summary>A method of its own: what waits for the socket's end must hold nothing of HTTP.</summary>
    private static async Task<Func<Task>?> ServeAsync(ConnectionDelegate http, ConnectionContext connection)
    {
        var handover = new Handover(connection);
        await http(handover);
        return handover._rest;
    }

    private void Beat()
    {
        lock (_heartbeats)
        {
            foreach (var (act, state) in _heartbeats)
            {
                act(state);
            }
        }
    }

    /// <summary>What HTTP reads: nothing more, once a socket has taken the connection.</summary>
    private sealed class HttpInput(PipeReader input, Handover handover) : PipeReader
    {
        private static readonly ReadResult Ended = new(default, isCanceled: false, isCompleted: true);

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            handover._isTaken ? ValueTask.FromResult(Ended) : input.ReadAsync(cancellationToken);

        public override bool TryRead(out ReadResult result)
        {
            if (!handover._isTaken)
            {
                return input.TryRead(out result);
            }
            result = Ended;
            return true;
        }

        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            if (!handover._isTaken)
            {
                input.AdvanceTo(consumed, examined);
            }
        }

        public override void CancelPendingRead()
        {
            if (!handover._isTaken)
            {
                input.CancelPendingRead();
            }
        }

        public override void Complete(Exception? exception = null)
        {
            if (!handover._isTaken)
            {
                input.Complete(exception);
            }
        }
    }

    /// <summary>Where HTTP writes: nowhere, once a socket has taken the connection.</summary>
    private sealed class HttpOutput(PipeWriter output, Handover handover) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => output.CanGetUnflushedBytes;

        public override long UnflushedBytes => handover._isTaken ? 0 : output.UnflushedBytes;

        public override Memory<byte> GetMemory(int sizeHint = 0) => handover._isTaken ? new byte[Math.Max(1, sizeHint)] : output.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => handover._isTaken ? new byte[Math.Max(1, sizeHint)] : output.GetSpan(sizeHint);

        public override void Advance(int bytes)
        {
            if (!handover._isTaken)
            {
                output.Advance(bytes);
            }
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            handover._isTaken ? ValueTask.FromResult(new FlushResult(isCanceled: false, isCompleted: true)) : output.FlushAsync(cancellationToken);

        public override void CancelPendingFlush()
        {
            if (!handover._isTaken)
            {
                output.CancelPendingFlush();
            }
        }

        public override void Complete(Exception? exception = null)
        {
            if (!handover._isTaken)
            {
                output.Complete(exception);
            }
        }
    }
}
