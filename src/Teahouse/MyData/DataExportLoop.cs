using Teahouse.Storage;

namespace Teahouse.MyData;

/// <summary>Makes the exports that were asked for, one after the other, in whichever process works.</summary>
internal sealed partial class DataExportLoop(DataExportStore store, WriteMyData write, Db db, ILogger<DataExportLoop> log) : BackgroundService
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    private readonly WakeUp _woken = new();

    public override void Dispose()
    {
        _woken.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        store.Added += _woken.Say;
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await WriteAllAsync(stoppingToken);
                await _woken.WaitAsync(db.IsShared ? Look : LongestSleep, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops; the next one begins it anew.
        }
        finally
        {
            store.Added -= _woken.Say;
        }
    }

    private async Task WriteAllAsync(CancellationToken ct)
    {
        try
        {
            while (await store.TakeAsync(ct) is { } export)
            {
                await write.ExecuteAsync(export, ct);
            }
        }
        catch (RefusedException e)
        {
            LogSkipped(log, e.Refusal.Code);
        }
#pragma warning disable CA1031 // Whatever it is, it is begun anew when its time in hand is over.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogFailed(log, e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "data_export_skipped", Message = "What users asked for of their data could not be made now: {Code}")]
    private static partial void LogSkipped(ILogger logger, string code);

    [LoggerMessage(Level = LogLevel.Error, EventName = "data_export_failed", Message = "A user's data could not be written")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
