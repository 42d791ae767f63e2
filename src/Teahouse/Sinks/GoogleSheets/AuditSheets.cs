using System.Globalization;
using Teahouse.Jobs;
using Teahouse.Storage;

namespace Teahouse.Sinks.GoogleSheets;

/// <summary>At night: counts the ids in every sheet and compares them with the log. What is missing or doubled is told and not put right: a person may have wanted it so.</summary>
internal sealed partial class AuditSheets(SheetsClient sheets, ServiceAccounts accounts, SinkQueries queries, SinkLog sinkLog, Db db, TimeProvider clock, ILogger<AuditSheets> log) : IScheduledWork
{
    public string Name => "audit-sheets";

    public string Cron => "0 41 3 * * ?";

    public async Task RunAsync(CancellationToken ct)
    {
        foreach (var sink in await db.ReadAsync(session => queries.ListOfKindAsync(session, SheetTarget.SheetKind), ct))
        {
            if (sink.IsPaused)
            {
                continue;
            }
            try
            {
                var (rows, missing, doubled) = await CountAsync(sink, ct);
                if (missing + doubled > 0)
                {
                    LogDiffers(log, sink.Id, missing, doubled);
                }
                var detail = string.Create(CultureInfo.InvariantCulture, $"rows {rows}, missing {missing}, doubled {doubled}");
                await db.WriteAsync(session => AuditLog.AddAsync(session, clock.GetUtcNow(), Caller.System, "sheet_audited", sink.Name, detail), ct);
            }
            catch (GoogleException e)
            {
                LogSkipped(log, sink.Id, e.Reason.Code);
            }
        }
    }

    private async Task<(long Rows, long Missing, long Doubled)> CountAsync(SinkRow sink, CancellationToken ct)
    {
        var config = SheetConfig.Parse(sink.Config);
        var sheet = new Sheet(sheets, await accounts.FindAsync(config, ct), config);
        var tabs = await sheet.ListTabsAsync(ct);
        long rows = 0;
        HashSet<long> ids = [];
        for (var number = 1; tabs.Any(tab => tab.Title == sheet.TabOf(number)); number++)
        {
            foreach (var cell in (await sheet.ReadAsync(sheet.TabOf(number), SheetLine.IdColumn, 1, ct)).Where(row => row.Count > 0))
            {
                // What is written while this reads is tomorrow's.
                if (long.TryParse(cell[0], NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0 && id <= sink.CursorId)
                {
                    rows++;
                    ids.Add(id);
                }
            }
        }
        // What was said before the first row is not its business: it may have begun later.
        var logged = ids.Count == 0 ? 0 : await sinkLog.CountAsync(SinkScope.Of(sink), ids.Min() - 1, sink.CursorId, ct);
        // Rows of rooms that were deleted have nothing to be compared with.
        return (rows, Math.Max(0, logged - ids.Count), rows - ids.Count);
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "sheet_differs", Message = "Sink {Id}: in its sheet {Missing} messages are missing and {Doubled} rows are doubled, if nobody has edited it")]
    private static partial void LogDiffers(ILogger logger, long id, long missing, long doubled);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "sheet_not_audited", Message = "Sink {Id}: its sheet could not be compared with the log: {Code}")]
    private static partial void LogSkipped(ILogger logger, long id, string code);
}
