namespace Teahouse.Client;

/// <summary>A client of a Teahouse server: all its rooms over one connection (<c>teahouse.v1</c>) that comes back by itself. Connecting begins with the constructor and goes on in the
/// background; calls made meanwhile wait for it. Thread-safe.</summary>
public sealed class TeahouseClient : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TeahouseClientOptions _options;
    private readonly Session _session;
    private readonly ConnectionLoop _loop;

    /// <param name="options">Where to, as whom.</param>
    /// <exception cref="ArgumentException">The options contradict each other.</exception>
    public TeahouseClient(TeahouseClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _session = new Session(options, _stop.Token);
        _loop = new ConnectionLoop(options, _session);
        // Not on the caller's thread: a callback of the options may take its time.
        Completion = Task.Run(RunAsync);
        // Who does not look at it has its errors from rooms and sends.
        _ = Completion.ContinueWith(ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    /// <summary>Completes when the client was disposed of. Fails with a <see cref="TeahouseException"/> when the server said not to come back.</summary>
    public Task Completion { get; }

    /// <summary>The name the server knows the user by; null before the first connection and for visitors without identity.</summary>
    public string? User => _session.User;

    /// <summary>Joins a room and returns once the server has answered; <see cref="TeahouseRoom.ReadEventsAsync"/> then begins with the latest messages.</summary>
    /// <param name="room">Its name, in any case.</param>
    /// <param name="ct">Gives it up.</param>
    /// <exception cref="TeahouseException">Refused: <see cref="ErrorCodes.Forbidden"/>, <see cref="ErrorCodes.BadRoom"/>; or the client has ended.</exception>
    /// <exception cref="InvalidOperationException">The room is joined already.</exception>
    public async Task<TeahouseRoom> JoinAsync(string room, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(room);
        var joining = _session.Join(room);
        try
        {
            await joining.Joined.WaitAsync(ct);
            return joining;
        }
        catch
        {
            joining.Dispose();
            throw;
        }
    }

    /// <summary>Sends a message and returns once it is on the server's disk. It is stored once, whatever becomes of the connection meanwhile; messages to one room keep the order of the calls,
    /// also without waiting for one before the next. Being told to go slower is obeyed and takes longer. The room need not be joined.</summary>
    /// <param name="room">The room's name.</param>
    /// <param name="text">1 to 8,000 code points, unless the server says otherwise.</param>
    /// <param name="ct">Gives it up: what is on its way by then may still arrive.</param>
    /// <exception cref="TeahouseException">Refused: <see cref="ErrorCodes.TooLong"/>, <see cref="ErrorCodes.Forbidden"/> …; <see cref="ErrorCodes.OutboxFull"/>; for a visitor without identity
    /// <see cref="ErrorCodes.ConnectionLost"/>; or the client has ended.</exception>
    public Task<SendReceipt> SendAsync(string room, string text, CancellationToken ct = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(room);
        ArgumentNullException.ThrowIfNull(text);
        // JSON would turn it into another character without a word.
        return HasLoneSurrogate(text) || HasLoneSurrogate(room)
            ? Task.FromException<SendReceipt>(new TeahouseException(ErrorCodes.BadText, "The text holds half of a character."))
            : _session.SendAsync(room, text, ct);
    }

    /// <summary>Asks the server for a sign of life over the present connection, and returns how long it took.</summary>
    /// <exception cref="TeahouseException"><see cref="ErrorCodes.ConnectionLost"/>: there is no connection, or it was lost before the answer.</exception>
    public async Task<TimeSpan> PingAsync(CancellationToken ct = default)
    {
        var since = TimeProvider.System.GetTimestamp();
        await _session.PingAsync(ct);
        return TimeProvider.System.GetElapsedTime(since);
    }

    /// <summary>Ends everything within a second: rooms' events end, sends that have no receipt yet fail with <see cref="ErrorCodes.Closed"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_session.End(null) is { } link)
        {
            // What was said just before is still to be written.
            await link.CloseAsync();
        }
        await _stop.CancelAsync();
        await Completion.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private async Task RunAsync()
    {
        TeahouseException? error = null;
        try
        {
            await _loop.RunAsync(_stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed of.
        }
        catch (TeahouseException e)
        {
            error = e;
            throw;
        }
#pragma warning disable CA1031 // Nobody may be left waiting for a connection that will never be.
        catch (Exception e)
#pragma warning restore CA1031
        {
            error = new TeahouseException(ErrorCodes.Closed, "The client failed.", e);
            throw error;
        }
        finally
        {
            _session.End(error);
            await _stop.CancelAsync();
            _loop.Dispose();
            _options.OnConnectionChanged?.Invoke(new ConnectionChange(ConnectionState.Ended, null, error));
        }
    }

    private static bool HasLoneSurrogate(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !char.IsSurrogatePair(text, i++))
            {
                return true;
            }
        }
        return false;
    }
}
