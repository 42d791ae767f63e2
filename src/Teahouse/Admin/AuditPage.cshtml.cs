using System.Globalization;
using Microsoft.AspNetCore.Mvc;

namespace Teahouse.Admin;

/// <summary><c>/admin/audit/</c>: who did what, to whom, when and from where.</summary>
public sealed class AuditPage(IServiceProvider services) : AdminListPage<AuditRow>
{
    public override string Path => "/admin/audit/";

    protected override string Prefix => "Audit";

    public string Action => Asks("action", [.. AuditWords.Actions]);

    public Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        var filter = new AuditFilter(Asks("actor"), Action, Asks("target"), Day("from"), Day("until")?.AddDays(1));
        var queries = services.GetRequiredService<AuditQueries>();
        return ShowAsync((cut, cancel) => queries.ListAsync(filter, cut, cancel), row => row.Id, (["id", "at", "actor", "action", "target", "detail", "before", "after", "address"], CellsOf), ct);
    }

    private static string[] CellsOf(AuditRow row) =>
    [
        row.Id.ToString(CultureInfo.InvariantCulture), CsvTime.Of(row.At), row.Actor, row.Action, row.Target, row.Detail, row.OldValue ?? "", row.NewValue ?? "", row.Address,
    ];
}
