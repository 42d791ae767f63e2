using Microsoft.Extensions.DependencyInjection;
using Teahouse.Jobs;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Sinks;

[Trait("Database", "Both")]
public sealed class AuditSheetsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_missing_or_doubled_in_a_sheet_is_told_and_left_as_it_is()
    {
        await using var site = await SheetServer.StartAsync(settings: [("Logging:LogLevel:Teahouse.Sinks", "None")]);
        var ids = await SheetTests.FillAsync(site.Server, "plaza", 6);
        await site.HasAsync(ids);
        var work = site.Server.App.Services.GetServices<IScheduledWork>().Single(each => each.Name == "audit-sheets");

        // The cursor moves a moment after the rows are there.
        await Eventually.TrueAsync(async () =>
        {
            await work.RunAsync(Ct);
            return (await FindAsync(site.Server)) == "rows 6, missing 0, doubled 0";
        });
        site.Google.Sheet.DeleteRows("ChatLogs", 3, 2);
        site.Google.Sheet.Type("ChatLogs", 9, 5, ids[0]);
        await work.RunAsync(Ct);

        Assert.Equal("rows 5, missing 2, doubled 1", await FindAsync(site.Server));
        Assert.Equal([.. ids[..2], .. ids[4..], ids[0]], site.Google.Sheet.Ids());
    }

    private static Task<string?> FindAsync(TestServer server) =>
        server.Get<Db>().ReadAsync(session => session.FindAsync<string>("SELECT detail FROM audit_log WHERE action = 'sheet_audited' ORDER BY id DESC LIMIT 1"), Ct);
}
