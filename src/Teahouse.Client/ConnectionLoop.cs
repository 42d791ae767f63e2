using System.Net.WebSockets;
using System.Text.Json;

namespace Teahouse.Client;

/// <summary>Keeps one connection open: opens it, reads it, notices when it has died, waits, opens it again; until the server says not to come back.</summary>
internal sealed class ConnectionLoop(TeahouseClientOptions options, Session session) : IDisposable
{
    /// <summary>Heartbeats that may be missed before the connection counts as dead.</summary>
    private const double Silence = 2.5;

    /// <summary>A connection that held for this long was no failure.</summary>
    private static readonly TimeSpan Held = TimeSpan.FromSeconds(5);

    private readonly Handshake _handshake = new(options);
    private TimeSpan? _drain;

    // When the connection was lost that has not come back since.
    private long? _awaySince;

    /// <summary>Ends by cancellation, or with the error that ended everything.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        while (true)
        {
            Tell(new ConnectionChange(ConnectionState.Connecting));
            var reason = await ConverseAsync(ct);
            ct.ThrowIfCancellationRequested();
            var wait = WaitAfter(reason);
            Tell(new ConnectionChange(ConnectionState.Waiting, wait, reason));
            await Task.Delay(wait, ct);
        }
    }

    public void Dispose() => _handshake.Dispose();

    /// <summary>One connection from its opening to its end; returns what ended it, null for a close in good order.</summary>
    /// <exception cref="TeahouseException">Not to come back.</exception>
    private async Task<Exception?> ConverseAsync(CancellationToken ct)
    {
        _drain = null;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(options.ConnectTimeout);
        try
        {
            await using var link = await _handshake.OpenAsync(patience.Token);
            await ReadAsync(link, patience);
            // 1000, 1001, 1012: it goes down or starts again.
            var reason = link.CloseCode is { } code and not (1000 or 1001 or 1012) ? TeahouseException.ForClose(code) : null;
            return reason is { IsFinal: true } ? throw reason : reason;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return new TimeoutException("Nothing was heard from the server.");
        }
        catch (OperationCanceledException e)
        {
            return e;
        }
        catch (Exception e) when (e is WebSocketException or JsonException or RetryLaterException or HttpRequestException or IOException)
        {
            return e;
        }
    }

    private async Task ReadAsync(Link link, CancellationTokenSource patience)
    {
        if (await link.ReceiveAsync(patience.Token) is not HelloFrame hello)
        {
            return;
        }
        if (hello.User is null && options.HasIdentity)
        {
            throw new TeahouseException(ErrorCodes.SignedOut, "The server does not know this session, token or guest any more.");
        }
        var openedAt = TimeProvider.System.GetTimestamp();
        Tell(new ConnectionChange(ConnectionState.Online));
        session.Open(link, hello);
        try
        {
            while (true)
            {
                patience.CancelAfter(TimeSpan.FromSeconds(hello.HeartbeatS > 0 ? hello.HeartbeatS : 20) * Silence);
                var frame = await link.ReceiveAsync(patience.Token);
                if (frame is null)
                {
                    return;
                }
                if (frame is DrainFrame drain)
                {
                    _drain = TimeSpan.FromMilliseconds(drain.RetryMs);
                }
                session.Take(frame);
            }
        }
        finally
        {
            session.Lose();
            if (_drain is not null || TimeProvider.System.GetElapsedTime(openedAt) > Held)
            {
                _awaySince = null;
            }
        }
    }

    private TimeSpan WaitAfter(Exception? reason)
    {
        if (_drain is { } drain)
        {
            return Backoff.Spread(drain, Random.Shared.NextDouble());
        }
        var away = TimeProvider.System.GetElapsedTime(_awaySince ??= TimeProvider.System.GetTimestamp());
        var wait = Backoff.Since(away, options.FirstRetry, options.LongestRetry, Random.Shared.NextDouble());
        var asked = reason is RetryLaterException { RetryAfter: { } after } ? Backoff.Spread(after, Random.Shared.NextDouble()) : TimeSpan.Zero;
        return wait > asked ? wait : asked;
    }

    private void Tell(ConnectionChange change) => options.OnConnectionChanged?.Invoke(change);
}
