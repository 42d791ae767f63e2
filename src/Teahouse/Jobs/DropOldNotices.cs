using Teahouse.Storage;

namespace Teahouse.Jobs;

/// <summary>Every hour: what nodes told each other longer ago than any of them could have missed it.</summary>
internal sealed class DropOldNotices(Notices notices) : IScheduledWork
{
    public string Name => "old-notices";

    public string Cron => "0 7 * * * ?";

    public Task RunAsync(CancellationToken ct) => notices.DropOldAsync(ct);
}
