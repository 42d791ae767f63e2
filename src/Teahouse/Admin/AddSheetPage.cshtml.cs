using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Teahouse.Accounts;
using Teahouse.Sinks;
using Teahouse.Web;

namespace Teahouse.Admin;

/// <summary><c>/admin/sinks/new/</c>: a Google Sheet for the messages of all rooms, one room or one project.</summary>
[Authorize(Roles = SessionHandler.Administrator)]
public sealed class AddSheetPage(IServiceProvider services, IStringLocalizer<RefusalText> refusals) : PageModel
{
    private const int MaxKeyBytes = 64 * 1024;

    /// <summary>What was chosen in a form that was not taken.</summary>
    public string? Scope { get; private set; }

    public void OnGet()
    {
    }

    /// <param name="spreadsheet">Its address or id.</param>
    /// <param name="tab">The tab's name.</param>
    /// <param name="key">The service account's key file.</param>
    /// <param name="scope"><c>all</c>, <c>room</c> or <c>project</c>.</param>
    /// <param name="room">The room's name, for the second.</param>
    /// <param name="project">The project's slug, for the third.</param>
    /// <param name="from"><c>beginning</c>: also what was said until now.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<IActionResult> OnPostAsync([FromForm] string? spreadsheet, [FromForm] string? tab, IFormFile? key, [FromForm] string? scope, [FromForm] string? room, [FromForm] string? project,
        [FromForm] string? from, [FromForm] string? name, CancellationToken ct)
    {
        Scope = scope;
        try
        {
            // An empty name in a chosen scope is no room's or project's, and not all of them.
            var input = new SheetInput(name, spreadsheet, tab, await ReadAsync(key, ct), scope == "room" ? Filled(room) : null, scope == "project" ? Filled(project) : null, from == "beginning");
            var id = await services.GetRequiredService<ManageSinks>().AddSheetAsync(HttpContext.GetCaller(), input, ct);
            TempData[nameof(SinkPage.Done)] = "added";
            return new SeeOtherResult($"/admin/sinks/{id}/");
        }
        catch (RefusedException e) when (e.Refusal.Status is 400 or 404 or 409)
        {
            ModelState.AddModelError(e.Field ?? "", refusals[e.Refusal.Name, [.. e.Arguments]]);
            Response.StatusCode = e.Refusal.Status == StatusCodes.Status404NotFound ? StatusCodes.Status400BadRequest : e.Refusal.Status;
            return Page();
        }
    }

    private static string Filled(string? text) => string.IsNullOrWhiteSpace(text) ? "-" : text;

    private static async Task<string?> ReadAsync(IFormFile? file, CancellationToken ct)
    {
        if (file is null || file.Length == 0)
        {
            return null;
        }
        if (file.Length > MaxKeyBytes)
        {
            throw new RefusedException(Refusal.BadKey) { Field = "key" };
        }
        using var reader = new StreamReader(file.OpenReadStream());
        return await reader.ReadToEndAsync(ct);
    }
}
