using Teahouse.Storage;

namespace Teahouse.Jobs;

/// <summary>At night: what the database can do for itself when nobody waits.</summary>
internal sealed class TidyDatabase(Db db) : IScheduledWork
{
    public string Name => "tidy-database";

    public string Cron => "0 17 4 * * ?";

    public Task RunAsync(CancellationToken ct) => db.TidyAsync(ct);
}
