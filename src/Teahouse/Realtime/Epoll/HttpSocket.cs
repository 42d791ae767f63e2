using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Teahouse.Realtime.Epoll;

/// <summary>A connection while it speaks HTTP: two pipes between the web server and the loop.</summary>
internal sealed partial class HttpSocket : DefaultConnectionContext, IDetachable, IWatched
{
    private static readonly PipeOptions Options = new(readerScheduler: PipeScheduler.ThreadPool, writerScheduler: PipeScheduler.ThreadPool, useSynchronizationContext: false);

    private static long _lastId;

    private readonly EventLoop _loop;
    private readonly int _file;
    private readonly Pipe _in = new(Options);
    private readonly Pipe _out = new(Options);
    private readonly CancellationTokenSource _closed = new();
    private readonly IDuplexPipe _bare;
    private Task _sending = Task.CompletedTask;

    // Protects _isClosed and what must not happen after it: another connection may get the number then.
    private readonly object _gate = new();
    private bool _isClosed;
    private TaskCompletionSource? _writable;

    private volatile TaskCompletionSource<DetachedSocket?>? _detaching;

    private volatile bool _isAnswered;

    // Belong to the loop's thread.
    private bool _isDetached;
    private bool _inputEnded;
    private bool _readPaused;
    private LinkedListNode<HttpSocket>? _silent;

    public HttpSocket(EventLoop loop, int file, IPEndPoint? remote)
    {
        _loop = loop;
        _file = file;
        ConnectionId = Interlocked.Increment(ref _lastId).ToString("x", System.Globalization.CultureInfo.InvariantCulture);
        RemoteEndPoint = remote;
        Span<byte> address = stackalloc byte[SocketAddresses.MaxBytes];
        LocalEndPoint = Native.TryGetLocalAddress(file, address) ? SocketAddresses.Read(address) : null;
        ConnectionClosed = _closed.Token;
        Transport = _bare = new Duplex(_in.Reader, _out.Writer);
        Features.Set<IDetachable>(this);
    }

    /// <summary>True while nothing was answered yet and the peer may still wait for it: the web server may not have begun to read.</summary>
    public bool IsFresh => !_isAnswered && !_closed.IsCancellationRequested;

    /// <summary>On the loop's thread.</summary>
    public void Start()
    {
        _sending = SendAsync();
        _loop.Watch(_file, this, Native.In);
        _silent = _loop.Silent.AddLast(this);
    }

    public void OnReady(uint events)
    {
        if ((events & ~Native.In) != 0)
        {
            // After an error too: the next write says which.
            OnWritable();
        }
        if ((events & ~Native.Out) != 0 && !_inputEnded)
        {
            Receive();
        }
        else if ((events & Native.HangUp) != 0)
        {
            // It would be told again and again until the web server lets go.
            _loop.Mute(_file);
        }
    }

    public void OnLoopEnded()
    {
        lock (_gate)
        {
            _isClosed = true;
            _writable?.TrySetResult();
        }
        EndInput(null);
    }

    public override void Abort(ConnectionAbortedException abortReason) => _loop.Post(() => Drop(abortReason));

    public override async ValueTask DisposeAsync()
    {
        await Transport.Input.CompleteAsync();
        await Transport.Output.CompleteAsync();
        await _sending;
        _loop.Post(() => Drop(null));
        await base.DisposeAsync();
    }

    private void Receive()
    {
        var count = Native.Receive(_file, _loop.ReadBuffer.Span);
        if (count == -Native.EAGAIN || count == -Native.EINTR)
        {
            return;
        }
        if (count <= 0)
        {
            EndInput(count == 0 ? null : new ConnectionResetException("The peer has gone."));
            return;
        }
        EndSilence();
        _in.Writer.Write(_loop.ReadBuffer.Span[..count]);
        var flush = _in.Writer.FlushAsync();
        if (!flush.IsCompletedSuccessfully)
        {
            // The web server has enough to do: the peer waits, not memory.
            SetInterest(read: false);
            _ = ResumeAsync(flush);
        }
        else if (flush.Result.IsCompleted)
        {
            EndInput(null);
        }
    }

    private async Task ResumeAsync(ValueTask<FlushResult> flush)
    {
        var result = await flush;
        _loop.Post(() =>
        {
            if (result.IsCompleted)
            {
                EndInput(null);
            }
            else
            {
                SetInterest(read: true);
            }
        });
    }

    private void EndSilence()
    {
        if (_silent is { } place)
        {
            _silent = null;
            _loop.Silent.Remove(place);
        }
    }

    /// <summary>Nothing more will be read. On the loop's thread.</summary>
    private void EndInput(Exception? why)
    {
        if (_inputEnded || _isDetached)
        {
            return;
        }
        _inputEnded = true;
        EndSilence();
        SetInterest(read: false);
        _in.Writer.Complete(why);
        ThreadPool.UnsafeQueueUserWorkItem(static closed => closed.Cancel(), _closed, preferLocal: false);
    }

    /// <summary>On the loop's thread: closes it, unless a socket has taken it.</summary>
    internal void Drop(ConnectionAbortedException? why)
    {
        if (_isDetached)
        {
            return;
        }
        EndInput(why);
        lock (_gate)
        {
            if (!_isClosed)
            {
                _isClosed = true;
                _loop.Close(_file);
            }
            _writable?.TrySetResult();
        }
    }

    private async Task SendAsync()
    {
        while (true)
        {
            var result = await _out.Reader.ReadAsync();
            var sent = true;
            foreach (var segment in result.Buffer)
            {
                sent = sent && await SendAsync(segment);
            }
            _out.Reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted || !sent || _detaching is not null)
            {
                break;
            }
        }
        await _out.Reader.CompleteAsync();
        if (_detaching is not null)
        {
            _loop.Post(Detach);
            return;
        }
        lock (_gate)
        {
            if (!_isClosed)
            {
                Native.Shutdown(_file, Native.ShutWrite);
            }
        }
    }

    private async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            Task wait;
            lock (_gate)
            {
                if (_isClosed)
                {
                    return false;
                }
                var count = Native.Send(_file, bytes.Span);
                if (count >= 0)
                {
                    _isAnswered = true;
                    bytes = bytes[count..];
                    continue;
                }
                if (count == -Native.EINTR)
                {
                    continue;
                }
                if (count != -Native.EAGAIN)
                {
                    return false;
                }
                _writable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                wait = _writable.Task;
            }
            _loop.Post(WatchAsBefore);
            await wait;
        }
        return true;
    }

    private void OnWritable()
    {
        lock (_gate)
        {
            var writable = _writable;
            _writable = null;
            writable?.TrySetResult();
        }
        WatchAsBefore();
    }

    private void WatchAsBefore() => SetInterest(!_readPaused);

    /// <summary>On the loop's thread.</summary>
    private void SetInterest(bool read)
    {
        _readPaused = !read;
        lock (_gate)
        {
            if (!_isClosed && !_isDetached)
            {
                _loop.Change(_file, (read && !_inputEnded ? Native.In : 0) | (_writable is null ? 0 : Native.Out));
            }
        }
    }
}
