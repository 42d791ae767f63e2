using Teahouse.Storage;

namespace Teahouse.Sinks.Webhooks;

/// <summary>Has errands run, in whichever process reaches outwards: woken by those of this one, and by looking now and then for those of others.</summary>
internal sealed partial class ErrandLoop(ErrandStore store, RunErrand run, Db db, TimeProvider clock, ILogger<ErrandLoop> log) : SteadyLoop(Look, log)
{
    /// <summary>Slow receivers hold up only so many others.</summary>
    private const int AtOnce = 8;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _slots = new(AtOnce);
    private readonly List<Task> _running = [];

    protected override void Begin() => store.Added += Woken.Say;

    protected override Task EndAsync()
    {
        store.Added -= Woken.Say;
        return Task.WhenAll(_running);
    }

    protected override async Task<TimeSpan> TurnAsync(CancellationToken ct)
    {
        _running.RemoveAll(static task => task.IsCompleted);
        for (var due = await store.FindDueAsync(ct); due is { } at; due = await store.FindDueAsync(ct))
        {
            if (at - clock.GetUtcNow() is var wait && wait > TimeSpan.Zero)
            {
                return wait < SleepOf() ? wait : SleepOf();
            }
            _running.Add(RunAsync(await TakeAsync(ct), ct));
        }
        return SleepOf();
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
            LogFailed(Log, e);
        }
        finally
        {
            _slots.Release();
            // It may go on at once.
            Woken.Say();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, EventName = "errand_failed", Message = "A webhook's errand failed")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
