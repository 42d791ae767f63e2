using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Teahouse.Accounts;
using Teahouse.Sinks;
using Teahouse.Sinks.GoogleSheets;
using Teahouse.Web;

namespace Teahouse.Admin;

/// <summary><c>/admin/sinks/</c>: how every sink fares.</summary>
[Authorize(Roles = SessionHandler.Administrator)]
public sealed class SinksPage(IServiceProvider services) : PageModel
{
    public IReadOnlyList<SinkView> Sinks { get; private set; } = [];

    /// <summary>What was just done; null for nothing.</summary>
    [TempData]
    public string? Done { get; set; }

    private ManageSinks Manage => services.GetRequiredService<ManageSinks>();

    /// <summary>Those that are steered here; others have owners of their own.</summary>
    internal static bool IsSheet(SinkRow sink) => sink.Kind == SheetTarget.SheetKind;

    internal static string KindKey(SinkRow sink) => sink.Kind is "sheet" or "webhook" ? $"Kind.{sink.Kind}" : "Kind.other";

    public async Task OnGetAsync(CancellationToken ct) => Sinks = await Manage.ListAsync(HttpContext.GetCaller(), ct);

    /// <param name="act">Which of the page's buttons it was.</param>
    /// <param name="sink">Of which sink.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<IActionResult> OnPostAsync([FromForm] string? act, [FromForm] long sink, CancellationToken ct)
    {
        switch (act)
        {
            case "pause":
                await Manage.PauseAsync(HttpContext.GetCaller(), sink, ct);
                Done = "paused";
                break;
            case "resume":
                await Manage.ResumeAsync(HttpContext.GetCaller(), sink, ct);
                Done = "resumed";
                break;
            default:
                return BadRequest();
        }
        return new SeeOtherResult("/admin/sinks/");
    }
}
