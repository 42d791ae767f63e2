using Teahouse.Storage;

namespace Teahouse.MyData;

/// <summary>Makes the exports that were asked for, one after the other, in whichever process works.</summary>
internal sealed class DataExportLoop(DataExportStore store, WriteMyData write, Db db, ILogger<DataExportLoop> log) : SteadyLoop(Look, log)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(3);

    protected override void Begin() => store.Added += Woken.Say;

    protected override Task EndAsync()
    {
        store.Added -= Woken.Say;
        return Task.CompletedTask;
    }

    /// <summary>What fails is begun anew when its time in hand is over.</summary>
    protected override async Task<TimeSpan> TurnAsync(CancellationToken ct)
    {
        while (await store.TakeAsync(ct) is { } export)
        {
            await write.ExecuteAsync(export, ct);
        }
        return db.IsShared ? Look : LongestSleep;
    }
}
