using System.Collections.Concurrent;
using Teahouse.Web;

namespace Teahouse.Sinks.GoogleSheets;

/// <summary>Delivers into Google Sheets: each message is a row, exactly once and in order, whatever becomes of calls and processes. How: see <see cref="SheetTurn"/>.</summary>
internal sealed class SheetTarget(SheetsClient sheets, ServiceAccounts accounts, SinkLog log, Settings settings, TimeProvider clock, ILogger<SheetTarget> logger) : ISinkTarget
{
    public const string SheetKind = "sheet";

    private readonly ConcurrentDictionary<long, SheetState> _states = new();

    public string Kind => SheetKind;

    public int MaxBatch => settings.Google.RowsPerCall;

    public TimeSpan Gather => settings.Google.Gather;

    public ValueTask<SinkScope> FindScopeAsync(SinkRow sink, CancellationToken ct) => ValueTask.FromResult(SinkScope.Of(sink));

    public async Task<SinkResult> DeliverAsync(SinkTurn turn, CancellationToken ct)
    {
        var state = _states.AddOrUpdate(turn.Sink.Id, _ => new SheetState(), (_, known) => known.Saved == turn.Sink.Progress ? known : new SheetState());
        state.Saved = turn.Sink.Progress;
        var isRemembered = state.Tabs is not null;
        try
        {
            var config = SheetConfig.Parse(turn.Sink.Config);
            var sheet = new Sheet(sheets, await accounts.FindAsync(config, ct), config);
            return await new SheetTurn(sheet, state, turn, log, settings, clock, logger).RunAsync(ct);
        }
        catch (GoogleException e)
        {
            Doubt(state);
            // The grid may have become smaller than it was remembered: looked at anew, it is that or something else.
            return (isRemembered && e.Status == StatusCodes.Status400BadRequest ? SinkResult.Wait(e.Reason) : e.ToResult()) with { DueAt = turn.Sink.DueAt };
        }
        catch (OperationCanceledException)
        {
            Doubt(state);
            throw;
        }
    }

    /// <summary>What was asked for last may have been done or not, now or later.</summary>
    private static void Doubt(SheetState state)
    {
        state.Tabs = null;
        state.MustLook = true;
    }
}

/// <summary>One spreadsheet, by one account.</summary>
internal sealed record Sheet(SheetsClient Client, ServiceAccount Account, SheetConfig Config)
{
    /// <summary>The tab's name when it is the <paramref name="number"/>th: the first is the configured one.</summary>
    public string TabOf(int number) => number == 1 ? Config.Tab : $"{Config.Tab} {number}";

    /// <summary>Which one a tab is; 0 for none of ours.</summary>
    public int NumberOf(string title) => title == Config.Tab ? 1
        : title.StartsWith(Config.Tab + " ", StringComparison.Ordinal) && int.TryParse(title.AsSpan(Config.Tab.Length + 1), out var number) && number > 1 && title == TabOf(number) ? number : 0;

    public Task<IReadOnlyList<SheetTab>> ListTabsAsync(CancellationToken ct) => Client.ListTabsAsync(Account, Config.Spreadsheet, ct);

    public Task<IReadOnlyList<IReadOnlyList<string>>> ReadAsync(string tab, string firstColumn, long from, CancellationToken ct) =>
        Client.ReadAsync(Account, Config.Spreadsheet, SheetTab.Range(tab, firstColumn, from, SheetLine.IdColumn, null), ct);

    public Task UpdateAsync(string tab, long row, IReadOnlyList<SheetLine> lines, CancellationToken ct) =>
        Client.UpdateAsync(Account, Config.Spreadsheet, SheetTab.Range(tab, SheetLine.FirstColumn, row, SheetLine.IdColumn, row + lines.Count - 1), lines, ct);

    public Task GrowAsync(SheetTab tab, string dimension, long length, CancellationToken ct) => Client.GrowAsync(Account, Config.Spreadsheet, tab.Id, dimension, length, ct);

    public Task<SheetTab> AddTabAsync(string title, long rows, CancellationToken ct) => Client.AddTabAsync(Account, Config.Spreadsheet, title, rows, SheetLine.Columns, ct);
}
