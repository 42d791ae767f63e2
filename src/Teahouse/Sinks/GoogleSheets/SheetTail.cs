using System.Globalization;

namespace Teahouse.Sinks.GoogleSheets;

/// <summary>Finds the end of what stands in a sheet, and reads the ids there.</summary>
internal sealed class SheetTail(Sheet sheet, SheetState state, SinkLog log)
{
    /// <summary>Rows above the last known one that are read, too.</summary>
    private const int Margin = 50;

    /// <summary>A tab with more rows is not read whole, but its column of ids first.</summary>
    private const int Readable = 20_000;

    /// <summary>Ids beyond the cursor that are looked up at most.</summary>
    private const int MaxCandidates = 500;

    /// <summary>The rows with ids that were read last.</summary>
    public IReadOnlyList<Placed> Found { get; private set; } = [];

    /// <summary>Finds the last row that holds anything, in the tab that was written to last, and returns the last id of a message there; the cursor when that is further.</summary>
    public async Task<long> LookAsync(SheetProgress progress, long cursor, CancellationToken ct)
    {
        var tabs = await TabsAsync(ct);
        var known = progress.Pending?.Tab ?? progress.Tab;
        var number = known is not null && tabs.Exists(tab => tab.Title == known) && sheet.NumberOf(known) is var kept and > 0 ? kept : LastNumber(tabs);
        if (state.Tab != sheet.TabOf(number))
        {
            state.Tab = sheet.TabOf(number);
            state.Ledger = null;
        }
        var tab = tabs.Find(each => each.Title == state.Tab);
        if (tab is not null)
        {
            await new SheetGrid(sheet, state).WidenAsync(tab, ct);
        }
        var hint = progress.Tab == state.Tab && progress.Row > 0 ? progress.Row : (long?)null;
        await ReadEndAsync(hint, tab?.Rows ?? 0, ct);
        var ids = Found;
        // A tab that was just begun says nothing yet: the one before does.
        for (var before = number - 1; before > 0 && ids.Count == 0 && hint is null; before--)
        {
            ids = Ids(await sheet.ReadAsync(sheet.TabOf(before), SheetLine.IdColumn, 1, ct), 1, column: 0);
        }
        return await FindCursorAsync(ids, progress.Pending, cursor, ct);
    }

    /// <summary>Looks at the ids of all rows that the ledger knows. Returns what is damaged; null when nothing is.</summary>
    public async Task<Damage?> CompareAsync(bool isSuspect, CancellationToken ct)
    {
        // Not null: nothing is compared before something was found or written.
        var ledger = state.Ledger!;
        Found = Ids(await sheet.ReadAsync(state.Tab, SheetLine.IdColumn, ledger.FirstRow, ct), ledger.FirstRow, column: 0);
        return ledger.Compare(Found, isSuspect);
    }

    private async Task<List<SheetTab>> TabsAsync(CancellationToken ct) => state.Tabs ??= [.. await sheet.ListTabsAsync(ct)];

    private int LastNumber(List<SheetTab> tabs)
    {
        var number = 1;
        while (tabs.Exists(tab => tab.Title == sheet.TabOf(number + 1)))
        {
            number++;
        }
        return number;
    }

    private async Task ReadEndAsync(long? hint, long gridRows, CancellationToken ct)
    {
        if (hint is null && gridRows > Readable)
        {
            hint = Ids(await sheet.ReadAsync(state.Tab, SheetLine.IdColumn, 1, ct), 1, column: 0).Select(each => each.Row).LastOrDefault();
        }
        var margin = Margin;
        while (true)
        {
            // Rows may have been deleted: beyond the grid nothing can be asked for.
            var from = Math.Max(1, Math.Min((hint ?? 0) - margin, gridRows - margin));
            var rows = await sheet.ReadAsync(state.Tab, SheetLine.FirstColumn, from, ct);
            var last = rows.Count;
            while (last > 0 && rows[last - 1].All(cell => cell.Length == 0))
            {
                last--;
            }
            if (last > 0 || from == 1)
            {
                state.LastRow = last == 0 ? 0 : from + last - 1;
                Found = Ids(rows, from, SheetLine.Columns - 1);
                return;
            }
            margin *= 8;
        }
    }

    private static List<Placed> Ids(IReadOnlyList<IReadOnlyList<string>> rows, long from, int column)
    {
        List<Placed> found = [];
        for (var i = 0; i < rows.Count; i++)
        {
            if (rows[i].Count > column && long.TryParse(rows[i][column], NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0)
            {
                found.Add(new Placed(from + i, id));
            }
        }
        return found;
    }

    /// <summary>The highest id there that is a message's. Another number in that column is a person's own.</summary>
    private async Task<long> FindCursorAsync(IReadOnlyList<Placed> found, PendingRows? pending, long cursor, CancellationToken ct)
    {
        var candidates = found.Select(each => each.Id).Where(id => id > cursor).Distinct().TakeLast(MaxCandidates).ToList();
        if (candidates.Count == 0)
        {
            return cursor;
        }
        var real = (await log.ListAsync(candidates, ct)).Select(each => each.Message.Id);
        return real.Concat(candidates.Where(id => pending is not null && pending.Ids.Contains(id))).Append(cursor).Max();
    }
}
