using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Localization;
using Teahouse.Sinks;
using Teahouse.Sinks.GoogleSheets;
using Teahouse.Web;

namespace Teahouse.Admin;

/// <summary><c>/admin/sinks/</c>: how every sink fares.</summary>
public sealed class SinksPage(IServiceProvider services, IStringLocalizer<SinksText> words) : AdminListPage<SinkView>
{
    public override string Path => "/admin/sinks/";

    protected override string Prefix => "Sinks";

    internal static readonly string[] States = [SinkRow.Running, SinkRow.Waiting, SinkRow.Paused];

    internal static readonly string[] Kinds = [SheetTarget.SheetKind, WebhookKind];

    private const string WebhookKind = "webhook";

    private ManageSinks Manage => services.GetRequiredService<ManageSinks>();

    /// <summary>Those that are steered here; others have owners of their own.</summary>
    internal static bool IsSheet(SinkRow sink) => sink.Kind == SheetTarget.SheetKind;

    internal static string KindKey(SinkRow sink) => Kinds.Contains(sink.Kind) ? $"Kind.{sink.Kind}" : "Kind.other";

    /// <summary>A filter whose words are those of the sinks' own pages.</summary>
    internal ListFilter FilterBy(string name, string label, string prefix, string[] values) => new(name, label, Asks(name, values))
    {
        Choices = [.. values.Select(value => (value, words[$"{prefix}.{value}"].Value))],
    };

    public Task<IActionResult> OnGetAsync(CancellationToken ct) => ShowAsync(ListAsync, view => view.Sink.Id,
        (["id", "name", "kind", "state", "room", "project", "lag", "delivered", "created_by", "created_at", "last_success_at", "last_error"], CellsOf), ct);

    /// <summary>Does to one sink what its own button says.</summary>
    protected override async Task<IActionResult?> MakeAsync(string act, string back, CancellationToken ct)
    {
        if (act is not ("pause" or "resume") || !long.TryParse(Request.Form["sink"], NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return null;
        }
        await (act == "pause" ? Manage.PauseAsync(Caller, id, ct) : Manage.ResumeAsync(Caller, id, ct));
        Done = words[act == "pause" ? "Done.paused" : "Done.resumed"];
        return new SeeOtherResult(back);
    }

    // There are few, each looked at with what waits for it: all are read, and a piece is chosen here.
    private async Task<List<SinkView>> ListAsync(ListCut cut, CancellationToken ct)
    {
        var (text, state, kind) = (Asks("q"), Asks("state", States), Asks("kind", Kinds));
        var found = (await Manage.ListAsync(Caller, ct))
            .Where(view => (state.Length == 0 || view.Sink.State == state) && (kind.Length == 0 || view.Sink.Kind == kind)
                && (text.Length == 0 || new[] { view.Sink.Name, view.Room, view.Project, view.CreatedBy }.Any(each => each?.Contains(text, StringComparison.OrdinalIgnoreCase) == true)))
            .OrderByDescending(view => view.Sink.Id);
        return cut.IsNewer ? [.. found.Where(view => view.Sink.Id > cut.Key).TakeLast(cut.Limit)] : [.. found.Where(view => view.Sink.Id < cut.Key).Take(cut.Limit)];
    }

    private static string[] CellsOf(SinkView view) =>
    [
        view.Sink.Id.ToString(CultureInfo.InvariantCulture), view.Sink.Name, view.Sink.Kind, view.Sink.State, view.Room ?? "", view.Project ?? "", view.LagMessages.ToString(CultureInfo.InvariantCulture),
        view.Sink.Delivered.ToString(CultureInfo.InvariantCulture), view.CreatedBy ?? "", CsvTime.Of(view.Sink.CreatedAt), CsvTime.Of(view.Sink.LastSuccessAt), view.Sink.LastError ?? "",
    ];
}
