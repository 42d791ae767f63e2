using System.Collections.Concurrent;
using Teahouse.Messages;

namespace Teahouse.Sinks;

/// <summary>Serves the sinks of this site, as one of any number of processes: looks which have something to do, woken by new messages and now and then by itself, and has each served by whoever
/// gets its lease. Nobody who sends a message knows of this. One for each process.</summary>
internal sealed partial class SinkRunner(SinkServices services, IEnumerable<ISinkTarget> targets, MessageSignal messages, ILogger<SinkRunner> log) : BackgroundService
{
    /// <summary>Sinks that this process serves at once; the others wait until one is done.</summary>
    private const int AtOnce = 16;

    /// <summary>How often is looked for what no signal tells of: messages of other processes, waits that are over, leases that have passed.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Messages that come one after the other are looked for together.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(20);

    private readonly Dictionary<string, ISinkTarget> _targets = targets.ToDictionary(target => target.Kind);
    private readonly ConcurrentDictionary<long, Task> _running = new();

    // How far a sink's log was looked through in vain, by the cursor it had: what stands there is not written down each time.
    private readonly ConcurrentDictionary<long, (long Cursor, long Through)> _seen = new();

    private readonly RefusedSinks _refused = new(services.Clock);

    // Without any, messages wake nobody.
    private bool _hasSinks;

    // Several processes on one machine, and one after the other, are told apart.
    private readonly string _owner = Guid.CreateVersion7().ToString("N");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A start must not wait for this.
        await Task.Yield();
        try
        {
            await ReleaseAllAsync(stoppingToken);
            while (true)
            {
                var (message, change) = (messages.NextAsync(), services.Signal.NextAsync());
                var wait = await LookAsync(stoppingToken);
                await Task.WhenAny(_hasSinks ? message : change, change, Task.Delay(wait, stoppingToken));
                stoppingToken.ThrowIfCancellationRequested();
                await Task.Delay(Breath, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops. What was under way is finished or given up by the turns themselves.
        }
        finally
        {
            await Task.WhenAll(_running.Values);
        }
    }

    /// <summary>Where one process has the database, nobody else serves a sink: what the last one left held is free at once. Otherwise leases end by themselves.</summary>
    private async Task ReleaseAllAsync(CancellationToken ct)
    {
        try
        {
            if (!services.Db.IsShared)
            {
                await services.Store.ReleaseAllAsync(ct);
            }
        }
#pragma warning disable CA1031 // They end by themselves here too.
        catch (Exception e) when (!ct.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogNotLooked(log, e.Message);
        }
    }

    /// <summary>Returns how long nothing need be looked for, unless a signal comes.</summary>
    private async Task<TimeSpan> LookAsync(CancellationToken ct)
    {
        var wait = Look;
        try
        {
            var sinks = await services.Store.ListServableAsync(ct);
            _hasSinks = sinks.Count > 0;
            if (!_hasSinks)
            {
                return wait;
            }
            var newest = await services.Log.FindNewestAsync(ct);
            var now = services.Clock.GetUtcNow();
            foreach (var sink in sinks)
            {
                if (_running.Count >= AtOnce)
                {
                    return wait;
                }
                if (_running.ContainsKey(sink.Id) || !_refused.MayBeServed(sink.Id))
                {
                    continue;
                }
                if ((sink.State == SinkRow.Waiting ? sink.WaitUntil : sink.DueAt) - now is { } left && left < wait)
                {
                    wait = left > TimeSpan.Zero ? left : TimeSpan.Zero;
                }
                if (_targets.TryGetValue(sink.Kind, out var target) && HasWork(sink, newest, now))
                {
                    Start(sink.Id, target, ct);
                }
            }
        }
#pragma warning disable CA1031 // While the database is away nothing can be delivered; the next look comes soon.
        catch (Exception e) when (!ct.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogNotLooked(log, e.Message);
        }
        return wait;
    }

    private bool HasWork(ServableSink sink, long newest, DateTimeOffset now) =>
        sink.State == SinkRow.Waiting ? sink.WaitUntil <= now
        : sink.DueAt <= now || (_seen.TryGetValue(sink.Id, out var seen) && seen.Cursor == sink.CursorId ? seen.Through : sink.CursorId) < newest;

    private void Start(long id, ISinkTarget target, CancellationToken ct)
    {
        var begun = new TaskCompletionSource();
        if (_running.TryAdd(id, begun.Task))
        {
            _ = ServeAsync(id, target, begun, ct);
        }
    }

    private async Task ServeAsync(long id, ISinkTarget target, TaskCompletionSource begun, CancellationToken ct)
    {
        // Off the loop, which must go on for the others.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            if (await new SinkService(services, target, id, _owner).RunAsync(messages, _refused.Contains(id), ct) is { } seen)
            {
                _seen[id] = seen;
            }
            _refused.Remove(id);
        }
#pragma warning disable CA1031 // Another look comes soon, and the others go on.
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
#pragma warning restore CA1031
        {
            var isRefused = e is RefusedException;
            if (isRefused)
            {
                _refused.Add(id);
            }
            LogNotServed(log, id, e.Message, isRefused ? null : e);
        }
        catch (OperationCanceledException)
        {
            // The program stops.
        }
        finally
        {
            _running.TryRemove(id, out _);
            begun.SetResult();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "sinks_not_looked", Message = "What sinks have to do could not be looked up: {Reason}")]
    private static partial void LogNotLooked(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "sink_not_served", Message = "Sink {Id} could not be served now: {Reason}")]
    private static partial void LogNotServed(ILogger logger, long id, string reason, Exception? e);
}
