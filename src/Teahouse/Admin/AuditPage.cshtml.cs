using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Teahouse.Accounts;

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

    /// <summary>The beginning of a day in the reader's zone; null for none that can be read.</summary>
    private DateTimeOffset? Day(string name)
    {
        if (!DateOnly.TryParseExact(Asks(name), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) || day.Year is < 1971 or > 9000)
        {
            return null;
        }
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(midnight, HttpContext.GetTimeZone().GetUtcOffset(midnight));
    }

    private static string[] CellsOf(AuditRow row) =>
    [
        row.Id.ToString(CultureInfo.InvariantCulture), CsvTime.Of(row.At), row.Actor, row.Action, row.Target, row.Detail, row.OldValue ?? "", row.NewValue ?? "", row.Address,
    ];
}
