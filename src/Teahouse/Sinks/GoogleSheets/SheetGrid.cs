namespace Teahouse.Sinks.GoogleSheets;

/// <summary>Sees that a tab's grid reaches as far as is to be written, and goes on in another tab when Google allows no more.</summary>
internal sealed class SheetGrid(Sheet sheet, SheetState state)
{
    private const string Rows = "ROWS";
    private const string ColumnsWord = "COLUMNS";

    /// <summary>Cells of a spreadsheet, empty ones too.</summary>
    private const long MaxCells = 10_000_000;

    /// <summary>By how much a grid grows: seldom, while there is much to write.</summary>
    private const int Step = 1000;
    private const int LongStep = 10_000;

    /// <summary>Returns the tab to write to, behind <see cref="SheetState.LastRow"/>, and how many of these rows it takes; at least one.</summary>
    public async Task<(SheetTab Tab, int Fitting)> MakeRoomAsync(int count, bool isEnd, CancellationToken ct)
    {
        // Not null: the tail was looked for.
        var tabs = state.Tabs!;
        var tab = tabs.Find(each => each.Title == state.Tab) ?? throw new GoogleException(new SinkReason("tab_missing", state.Tab), isLasting: true);
        var needed = state.LastRow + count - tab.Rows;
        if (needed <= 0)
        {
            return (tab, count);
        }
        if (await TryGrowAsync(tab, needed, isEnd, ct) is { } grown)
        {
            return (grown, count);
        }
        if (tab.Rows > state.LastRow)
        {
            // First what it still takes.
            return (tab, (int)(tab.Rows - state.LastRow));
        }
        await NextTabAsync(tab, ct);
        return await MakeRoomAsync(count, isEnd, ct);
    }

    /// <summary>Sees that there are as many columns as a row has cells.</summary>
    public async Task WidenAsync(SheetTab tab, CancellationToken ct)
    {
        if (tab.Columns < SheetLine.Columns)
        {
            await sheet.GrowAsync(tab, ColumnsWord, SheetLine.Columns - tab.Columns, ct);
            Replace(tab, tab with { Columns = SheetLine.Columns });
        }
    }

    private async Task<SheetTab?> TryGrowAsync(SheetTab tab, long needed, bool isEnd, CancellationToken ct)
    {
        // Not null: see above.
        var free = (MaxCells - state.Tabs!.Sum(each => each.Rows * each.Columns)) / tab.Columns;
        if (free < needed)
        {
            return null;
        }
        foreach (var length in (long[])[Math.Min(free, Math.Max(needed, isEnd ? Step : LongStep)), needed])
        {
            try
            {
                await sheet.GrowAsync(tab, Rows, length, ct);
                return Replace(tab, tab with { Rows = tab.Rows + length });
            }
            catch (GoogleException e) when (e.Status == StatusCodes.Status400BadRequest)
            {
                // Google counts otherwise: less, and then nothing.
            }
        }
        return null;
    }

    private async Task NextTabAsync(SheetTab full, CancellationToken ct)
    {
        // Not null: see above.
        var tabs = state.Tabs!;
        var title = sheet.TabOf(sheet.NumberOf(full.Title) + 1);
        long last = 0;
        if (tabs.Exists(each => each.Title == title))
        {
            // Somebody has used it.
            last = (await sheet.ReadAsync(title, SheetLine.FirstColumn, 1, ct)).Count;
        }
        else
        {
            tabs.Add(await sheet.AddTabAsync(title, Step, ct));
        }
        (state.Tab, state.LastRow, state.Ledger) = (title, last, new SheetLedger());
    }

    private SheetTab Replace(SheetTab old, SheetTab changed)
    {
        var tabs = state.Tabs!;
        tabs[tabs.IndexOf(old)] = changed;
        return changed;
    }
}
