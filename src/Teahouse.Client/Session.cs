namespace Teahouse.Client;

/// <summary>All that outlives a connection: joined rooms, what is to be sent, whom to answer. Frames and calls meet here under one lock; nothing in it waits. Thread-safe.</summary>
internal sealed class Session
{
    // Protects everything below, and the internal members of rooms. Nothing foreign is called while it is held.
    private readonly Lock _gate = new();
    private readonly TimeSpan _answerTimeout;
    private readonly CancellationToken _stopped;
    private readonly Subscriptions _rooms;
    private readonly Outbox _outbox;
    private readonly Queue<TaskCompletionSource> _pings = [];
    private Link? _link;
    private string? _user;
    private TeahouseException? _end;

    /// <param name="options">For its limits.</param>
    /// <param name="stopped">Cancelled once everything has ended.</param>
    public Session(TeahouseClientOptions options, CancellationToken stopped)
    {
        _answerTimeout = options.AnswerTimeout;
        _stopped = stopped;
        _rooms = new Subscriptions(options, this, Write, After);
        _outbox = new Outbox(options.WaitingSends, Write, After);
    }

    /// <summary>The user's name as of the last greeting; null before the first one and for visitors without identity.</summary>
    public string? User => Locked(() => _user);

    public T Locked<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    public TeahouseRoom Join(string name)
    {
        lock (_gate)
        {
            ThrowIfEnded();
            return _rooms.Add(name);
        }
    }

    public void Leave(TeahouseRoom room)
    {
        lock (_gate)
        {
            _rooms.Leave(room);
        }
    }

    public async Task<SendReceipt> SendAsync(string name, string text, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var sending = new Sending(name, text);
        lock (_gate)
        {
            ThrowIfEnded();
            _outbox.Add(sending);
        }
        try
        {
            return await sending.Done.WaitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                _outbox.Remove(sending);
            }
            throw;
        }
    }

    public void MarkRead(TeahouseRoom room, long seq)
    {
        lock (_gate)
        {
            if (seq > room.ReadUpTo)
            {
                room.ReadUpTo = seq;
                Write(ClientFrame.Read(room.Name, seq).Encode());
            }
        }
    }

    public void ShowTyping(TeahouseRoom room)
    {
        lock (_gate)
        {
            Write(ClientFrame.Typing(room.Name).Encode());
        }
    }

    public Task PingAsync(CancellationToken ct)
    {
        lock (_gate)
        {
            ThrowIfEnded();
            if (!Write(ClientFrame.Ping.Encode()))
            {
                return Task.FromException(Lost());
            }
            var pong = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _pings.Enqueue(pong);
            return pong.Task.WaitAsync(ct);
        }
    }

    /// <summary>The server has greeted this client on a new connection.</summary>
    public void Open(Link link, HelloFrame hello)
    {
        lock (_gate)
        {
            _link = link;
            _user = hello.User;
            _rooms.Ask();
            _outbox.Open(isKnown: hello.User is not null, hello.Limits?.FrameBytes ?? 0);
        }
    }

    /// <summary>The connection has ended; another one may follow.</summary>
    public void Lose()
    {
        lock (_gate)
        {
            _link = null;
            _rooms.Lose();
            _outbox.Lose(Lost());
            FailPings();
        }
    }

    /// <summary>Nothing follows any more. Everybody who waits gets the error; without one, rooms end in peace. Returns the connection that is still open.</summary>
    public Link? End(TeahouseException? error)
    {
        lock (_gate)
        {
            _end ??= error ?? new TeahouseException(ErrorCodes.Closed, "The client was disposed of.");
            _rooms.End(error);
            _outbox.End(_end);
            FailPings();
            return _link;
        }
    }

    /// <summary>Acts on one frame of the server.</summary>
    public void Take(ServerFrame frame)
    {
        lock (_gate)
        {
            switch (frame)
            {
                case MessageFrame message when _rooms.Find(message.Room) is { } room:
                    _rooms.Take(room, message.ToMessage());
                    break;
                case SubscribedFrame answer when _rooms.Find(answer.Room) is { } room:
                    _rooms.Take(room, answer);
                    break;
                case AckFrame ack:
                    _outbox.Take(ack);
                    break;
                case ReadFrame read when _rooms.Find(read.Room) is { } room:
                    room.Publish(room.View.Apply(read, isOwn: read.User == _user));
                    break;
                case TypingFrame typing when _rooms.Find(typing.Room) is { } room:
                    room.Publish(new UserTyping(typing.User));
                    break;
                case PresenceFrame presence when _rooms.Find(presence.Room) is { } room:
                    room.Publish(room.View.Apply(presence));
                    break;
                case RoomFrame changed when _rooms.Find(changed.Room) is { } room:
                    room.Publish(new RoomChanged(changed.Title, changed.Topic, changed.Access, changed.Archived));
                    break;
                case HeartbeatFrame heartbeat:
                    _rooms.Take(heartbeat);
                    CheckAnswers();
                    break;
                case PongFrame when _pings.TryDequeue(out var pong):
                    pong.TrySetResult();
                    break;
                case ErrorFrame { Nonce: not null } error:
                    _outbox.Take(error);
                    break;
                case ErrorFrame error:
                    TakeError(error);
                    break;
                default:
                    // Newer than this client, or about a room that was left.
                    break;
            }
        }
    }

    private void TakeError(ErrorFrame error)
    {
        var room = _rooms.Find(error.Room);
        if (room is not null)
        {
            _rooms.Take(room, error);
        }
        else if (error.Room is null && error.IsPassing)
        {
            // The server dropped a frame unread and cannot say which: one of those that have no answer yet.
            After(error.RetryIn, () =>
            {
                _rooms.AskAgain(_ => true);
                _outbox.SendAgain();
            });
        }
    }

    /// <summary>An answer that is long overdue was lost on the way; on the next connection everything is asked again.</summary>
    private void CheckAnswers()
    {
        if (new[] { _rooms.OldestAskedAt, _outbox.OldestSentAt }.Min() is { } since && TimeProvider.System.GetElapsedTime(since) > _answerTimeout)
        {
            _link?.Abort();
        }
    }

    /// <summary>Puts a frame on the connection; false without one.</summary>
    private bool Write(byte[] frame)
    {
        _link?.Send(frame);
        return _link is not null;
    }

    private void FailPings()
    {
        while (_pings.TryDequeue(out var ping))
        {
            ping.TrySetException(Lost());
            // Its caller may have been cancelled: then nobody is left to look.
            _ = ping.Task.Exception;
        }
    }

    private static TeahouseException Lost() => new(ErrorCodes.ConnectionLost, "The connection was lost before the answer came.");

    private void ThrowIfEnded()
    {
        if (_end is not null)
        {
            throw new TeahouseException(_end.Code, _end.Message, _end);
        }
    }

    /// <summary>Acts later, under the lock, unless everything has ended by then.</summary>
    private void After(TimeSpan wait, Action act) => _ = ActAsync(wait, act);

    private async Task ActAsync(TimeSpan wait, Action act)
    {
        try
        {
            await Task.Delay(wait, _stopped);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        lock (_gate)
        {
            act();
        }
    }
}
