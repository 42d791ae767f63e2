using Teahouse.Storage;

namespace Teahouse.Sinks.Webhooks;

/// <summary>Has errands run, in whichever process reaches outwards: woken by those of this one, and by looking now and then for those of others.</summary>
internal sealed partial class ErrandLoop(ErrandStore store, RunErrand run, Db db, TimeProvider clock, ILogger<ErrandLoop> log) : BackgroundService
{
    /// <summary>Slow receivers hold up only so many others.</summary>
    private const int AtOnce = 8;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    private readonly WakeUp _woken = new();
    private readonly SemaphoreSlim _slots = new(AtOnce);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        store.Added += _woken.Say;
        List<Task> running = [];
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                running.RemoveAll(static task => task.IsCompleted);
                await _woken.WaitAsync(await StartDueAsync(running, stoppingToken), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops; what is not sent waits for the next one.
        }
        finally
        {
            store.Added -= _woken.Say;
            await Task.WhenAll(running);
        }
    }

    /// <summary>Starts what is due; returns how long nothing more will be.</summary>
    private async Task<TimeSpan> StartDueAsync(List<Task> running, CancellationToken ct)
    {
        try
        {
            for (var due = await store.FindDueAsync(ct); due is { } at; due = await store.FindDueAsync(ct))
            {
                if (at - clock.GetUtcNow() is var wait && wait > TimeSpan.Zero)
                {
                    return wait < SleepOf() ? wait : SleepOf();
                }
                running.Add(RunAsync(await TakeAsync(ct), ct));
            }
            return SleepOf();
        }
        catch (RefusedException e)
        {
            // The database is away, or full: it is asked again.
            LogSkipped(log, e.Refusal.Code);
            return Look;
        }
    }

    /// <summary>Waits for a slot, which <see cref="RunAsync"/> gives back.</summary>
    private async Task<Errand?> TakeAsync(CancellationToken ct)
    {
        await _slots.WaitAsync(ct);
        try
        {
            return await store.TakeAsync(ct);
        }
        catch
        {
            _slots.Release();
            throw;
        }
    }

    // Where one process has the database, it knows of every errand.
    private TimeSpan SleepOf() => db.IsShared ? Look : LongestSleep;

    private async Task RunAsync(Errand? errand, CancellationToken ct)
    {
        try
        {
            if (errand is not null)
            {
                await run.ExecuteAsync(errand, ct);
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The program stops.
        }
#pragma warning disable CA1031 // Others' errands go on; this one is taken up again when its time in hand is over.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(log, e);
        }
        finally
        {
            _slots.Release();
            // It may go on at once.
            _woken.Say();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "errands_skipped", Message = "Webhooks' errands could not be looked at now: {Code}")]
    private static partial void LogSkipped(ILogger logger, string code);

    [LoggerMessage(Level = LogLevel.Error, EventName = "errand_failed", Message = "A webhook's errand failed")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
