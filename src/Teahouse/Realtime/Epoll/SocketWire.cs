namespace Teahouse.Realtime.Epoll;

/// <summary>The fast wire: a bare socket on the event loop. No task, stream or buffer of its own while it is quiet; its pump runs on the loop's thread, to which
/// every field here belongs.</summary>
internal sealed partial class SocketWire : IWire, IWatched
{
    private readonly EventLoop _loop;
    private readonly int _file;
    private Connection? _connection;
    private FrameReader? _reader;
    private HandleText? _act;

    // What came and is not acted on yet.
    private byte[] _unread = [];
    private int _unreadLength;

    private TaskCompletionSource? _writable;

    // A frame is being acted on, or nobody is there to act yet: nothing more is read meanwhile.
    private bool _acting = true;
    private bool _readingDone;
    private bool _discarding;
    private bool _closeWritten;
    private bool _ended;

    public SocketWire(DetachedSocket socket)
    {
        _loop = socket.Loop;
        _file = socket.File;
        Keep(socket.Unread);
    }

    public IRounds Rounds => _loop;

    public int Handle => _ended ? -1 : _file;

    public void Attach(Connection connection)
    {
        _connection = connection;
        _loop.Post(() => _loop.Watch(_file, this, Interest()));
    }

    /// <summary>Begins to read. Returns at once: no request has to last as long as the socket.</summary>
    public Task RunAsync(HandleText handle)
    {
        _loop.Post(() =>
        {
            _reader = _connection?.CreateReader();
            _act = handle;
            Resume();
        });
        return Task.CompletedTask;
    }

    public void Schedule(Connection connection) => _loop.Post(connection);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        if (_loop.IsCurrent)
        {
            var written = _loop.Send(Handle, bytes.Span);
            if (written == bytes.Length)
            {
                return ValueTask.CompletedTask;
            }
            bytes = bytes[(written < 0 ? throw Gone() : written)..];
        }
        return WriteSlowlyAsync(bytes);
    }

    public void OnCloseWritten()
    {
        _closeWritten = true;
        FinishClosing();
    }

    public void Abort() => _loop.Post(End);

    public void OnReady(uint events)
    {
        if ((events & ~Native.In) != 0 && _writable is { } writable)
        {
            _writable = null;
            // The pump goes on right here.
            writable.SetResult();
            Rewatch();
        }
        if ((events & ~Native.Out) != 0 && !_ended)
        {
            Receive();
        }
    }

    public void OnLoopEnded()
    {
        _ended = true;
        _writable?.TrySetResult();
        _connection?.End();
    }

    private async ValueTask WriteSlowlyAsync(ReadOnlyMemory<byte> bytes)
    {
        await _loop.EnterAsync();
        while (true)
        {
            var written = _loop.Send(Handle, bytes.Span);
            if (written < 0)
            {
                throw Gone();
            }
            bytes = bytes[written..];
            if (bytes.IsEmpty)
            {
                return;
            }
            if (written > 0)
            {
                _connection?.SeeTaken();
            }
            // Not to be continued elsewhere: the loop's thread is the only one that writes.
            _writable = new TaskCompletionSource();
            Rewatch();
            await _writable.Task;
        }
    }

    private uint Interest() => (_acting || (_readingDone && !_discarding) ? 0 : Native.In) | (_writable is null ? 0 : Native.Out);

    private void Rewatch()
    {
        if (!_ended)
        {
            _loop.Change(_file, Interest());
        }
    }

    private void End()
    {
        if (_ended)
        {
            return;
        }
        _ended = true;
        _loop.Close(_file);
        if (!_acting)
        {
            _reader?.Dispose();
        }
        // A pump that waits to write finds out that there is nobody.
        _writable?.TrySetResult();
        _connection?.End();
    }

    private static IOException Gone() => new("The peer has gone.");
}
