using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Teahouse.Accounts;
using Teahouse.Sinks;
using Teahouse.Sinks.GoogleSheets;
using Teahouse.Web;

namespace Teahouse.Admin;

/// <summary><c>/admin/sinks/&lt;id&gt;/</c>: one sheet sink: its state, a test, another position, its removal.</summary>
[Authorize(Roles = SessionHandler.Administrator)]
public sealed class SinkPage(IServiceProvider services, IStringLocalizer<SinksText> texts, SinkWords words) : PageModel
{
    /// <summary>Set by every handler that renders the page.</summary>
    public SinkView View { get; private set; } = null!;

    public string Spreadsheet { get; private set; } = "";

    public string Tab { get; private set; } = "";

    /// <summary>Whose key it uses; null for the server's own.</summary>
    public string? Account { get; private set; }

    /// <summary>What was just done; null for nothing.</summary>
    [TempData]
    public string? Done { get; set; }

    private ManageSinks Manage => services.GetRequiredService<ManageSinks>();

    public Task<IActionResult> OnGetAsync(long id, CancellationToken ct) => ShowAsync(id, ct);

    /// <param name="id">Which sink.</param>
    /// <param name="act">Which of the page's forms it is.</param>
    /// <param name="to">Where it is to go on: <c>now</c>, <c>beginning</c>, <c>after</c>.</param>
    /// <param name="after">A message's id, for the last of those.</param>
    /// <param name="confirm">Anything: the box was ticked.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<IActionResult> OnPostAsync(long id, [FromForm] string? act, [FromForm] string? to, [FromForm] long? after, [FromForm] string? confirm, CancellationToken ct)
    {
        var caller = HttpContext.GetCaller();
        if (act is "reset" or "remove" && confirm is null)
        {
            return await RefuseAsync(id, texts["Confirm"], ct);
        }
        switch (act)
        {
            case "pause":
                await Manage.PauseAsync(caller, id, ct);
                Done = "paused";
                break;
            case "resume":
                await Manage.ResumeAsync(caller, id, ct);
                Done = "resumed";
                break;
            case "test":
                if (await services.GetRequiredService<AskSheet>().TestAsync(caller, id, ct) is { } reason)
                {
                    return await RefuseAsync(id, texts["Test.Bad", words.Say(reason)], ct);
                }
                Done = "tested";
                break;
            case "reset" when to is "now" or "beginning" || (to == "after" && after >= 0):
                await Manage.ResetAsync(caller, id, to == "now" ? null : to == "beginning" ? 0 : after, ct);
                Done = "reset";
                break;
            case "reset":
                return await RefuseAsync(id, texts["BadId"], ct);
            case "remove":
                await Manage.RemoveAsync(caller, id, ct);
                TempData[nameof(SinksPage.Done)] = texts["Done.removed"].Value;
                return new SeeOtherResult("/admin/sinks/");
            default:
                return BadRequest();
        }
        return new SeeOtherResult($"/admin/sinks/{id}/");
    }

    private async Task<IActionResult> RefuseAsync(long id, string why, CancellationToken ct)
    {
        ModelState.Clear();
        ModelState.AddModelError("", why);
        Response.StatusCode = StatusCodes.Status400BadRequest;
        return await ShowAsync(id, ct);
    }

    private async Task<IActionResult> ShowAsync(long id, CancellationToken ct)
    {
        if ((await Manage.ListAsync(HttpContext.GetCaller(), ct)).Find(view => view.Sink.Id == id && SinksPage.IsSheet(view.Sink)) is not { } found)
        {
            return NotFound();
        }
        View = found;
        var config = SheetConfig.Parse(found.Sink.Config);
        (Spreadsheet, Tab, Account) = (config.Spreadsheet, config.Tab, config.Account);
        return Page();
    }
}
