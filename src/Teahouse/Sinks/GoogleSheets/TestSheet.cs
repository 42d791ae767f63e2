using System.Security.Cryptography;

namespace Teahouse.Sinks.GoogleSheets;

/// <summary>Tries whether a sheet sink could write: reads its tab, and writes a line to a tab made for that, reads it back and removes the tab. The log itself is left alone, for rows beside those
/// that the sink counts would be in its way.</summary>
internal sealed class TestSheet(SheetsClient sheets, ServiceAccounts accounts, SinkQueries queries)
{
    private const string Title = "Teahouse ";

    /// <summary>Tests a sheet, or with null tells whose key file this process has. Nobody's rights are asked.</summary>
    public async Task<SheetAnswer> AnswerAsync(long? sinkId, CancellationToken ct)
    {
        if (sinkId is { } id)
        {
            return new SheetAnswer(null, await queries.FindAsync(id, ct) is { Kind: SheetTarget.SheetKind } sink ? (await TestAsync(sink, ct))?.ToString() : null);
        }
        try
        {
            return new SheetAnswer((await accounts.FindOwnAsync(ct)).Email, null);
        }
        catch (GoogleException e)
        {
            return new SheetAnswer(null, e.Reason.ToString());
        }
    }

    private async Task<SinkReason?> TestAsync(SinkRow sink, CancellationToken ct)
    {
        try
        {
            var config = SheetConfig.Parse(sink.Config);
            var sheet = new Sheet(sheets, await accounts.FindAsync(config, ct), config);
            await sheets.ReadAsync(sheet.Account, config.Spreadsheet, SheetTab.Range(config.Tab, SheetLine.FirstColumn, 1, SheetLine.FirstColumn, 1), ct);
            var tab = await sheet.AddTabAsync(Title + RandomNumberGenerator.GetHexString(8), rows: 1, ct);
            try
            {
                var line = new SheetLine(1, ["2000-01-01 00:00:00", "=1+1", "00123", "茶館 🍵"]);
                await sheet.UpdateAsync(tab.Title, 1, [line], ct);
                var read = await sheet.ReadAsync(tab.Title, SheetLine.FirstColumn, 1, ct);
                return read.Count == 1 && read[0].SequenceEqual([.. line.Cells, "1"]) ? null : new SinkReason("read_differs");
            }
            finally
            {
                await sheets.RemoveTabAsync(sheet.Account, config.Spreadsheet, tab.Id, CancellationToken.None);
            }
        }
        catch (GoogleException e)
        {
            return e.Reason;
        }
    }
}
