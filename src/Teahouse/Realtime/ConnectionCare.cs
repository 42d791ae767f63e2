using Teahouse.Web;

namespace Teahouse.Realtime;

/// <summary>Looks after every open socket: pings, deadlines, stalled writes, heartbeats; and, when the program stops, sends clients away in good order.</summary>
internal sealed partial class ConnectionCare(ConnectionRegistry registry, ConnectionLimit limit, Settings settings, TimeProvider time, ILogger<ConnectionCare> log) : IHostedLifecycleService, IDisposable
{
    /// <summary>What a client sent before it could know of the stop arrives within this time, and is answered; after a closing frame nothing can be.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(250);

    /// <summary>Who goes on talking all the same is not waited for.</summary>
    private static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        limit.Warn(settings, log);
        _loop = LoopAsync();
        return Task.CompletedTask;
    }

    /// <summary>Before the web server stops: says <c>drain</c>, answers what is under way, closes every socket with 1012 and waits until they are gone,
    /// within <see cref="StopTimes.WaitingOf"/>.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        LogDraining(log, registry.Count);
        registry.BeginDrain();
        var notice = registry.WasAskedLately ? Task.Delay(StopTimes.NoticeOf(settings.Drain), cancellationToken) : Task.CompletedTask;
        var (began, longest) = (time.GetTimestamp(), StopTimes.WaitingOf(settings.Drain));
        foreach (var connection in registry.Connections)
        {
            // Spread out, so that the next process is not met by everybody at once.
            connection.BeginDrain(Random.Shared.Next(200, 200 + (int)settings.Drain.TotalMilliseconds / 2));
        }
        while (registry.Places > 0 && time.GetElapsedTime(began) < longest && !cancellationToken.IsCancellationRequested)
        {
            var isLate = time.GetElapsedTime(began) > LongestSettling;
            foreach (var connection in registry.Connections)
            {
                if (isLate || connection.IsSettled(began, Quiet))
                {
                    connection.Close(CloseCode.Restart);
                }
            }
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, CancellationToken.None);
        }
        foreach (var connection in registry.Connections)
        {
            connection.Abort();
        }
        // The time is up, or nobody needed all of it.
        await notice.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _loop;
    }

    public void Dispose() => _stop.Dispose();

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task LoopAsync()
    {
        // A quarter of the shortest interval, so that each is kept well enough whatever it is set to.
        var shortest = Math.Min(Math.Min(settings.Ping.Ticks, settings.Pong.Ticks), Math.Min(settings.Stall.Ticks, settings.Heartbeat.Ticks));
        var period = TimeSpan.FromTicks(Math.Clamp(shortest / 4, TimeSpan.FromMilliseconds(10).Ticks, TimeSpan.FromSeconds(1).Ticks));
        using var timer = new PeriodicTimer(period, time);
        var last = time.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                // A machine that was asleep or overloaded finds every answer late, among them those that are here and not read yet.
                var now = time.GetTimestamp();
                var stood = time.GetElapsedTime(last, now) - 2 * period;
                last = now;
                foreach (var connection in registry.Connections)
                {
                    CareFor(connection, now, stood);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private void CareFor(Connection connection, long now, TimeSpan stood)
    {
        try
        {
            if (connection.Caller.Token?.ExpiresAt <= time.GetUtcNow())
            {
                connection.Close(CloseCode.SessionEnded);
            }
            if (stood > TimeSpan.Zero)
            {
                connection.Excuse(stood);
            }
            connection.Care(now);
            if (connection.IsHeartbeatDue())
            {
                connection.Send(ControlFrames.Heartbeat(connection.ListSubscriptions()));
            }
        }
#pragma warning disable CA1031 // One odd connection must not leave all the others without pings.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogCareFailed(log, e);
            connection.Abort();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, EventName = "care_failed", Message = "A socket was dropped: looking after it failed")]
    private static partial void LogCareFailed(ILogger logger, Exception e);

    [LoggerMessage(Level = LogLevel.Information, EventName = "draining", Message = "Stopping: closing {Count} sockets")]
    private static partial void LogDraining(ILogger logger, int count);
}
