using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Teahouse.Accounts;
using Teahouse.Messages;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Sinks.Webhooks;

/// <summary><c>/settings/webhooks/</c>: one's own outgoing webhooks, and a form for another.</summary>
[Authorize]
public sealed class WebhooksPage(IServiceProvider services, IStringLocalizer<RefusalText> refusals) : PageModel
{
    /// <summary>Newest first, with the names of their rooms.</summary>
    public IReadOnlyList<(WebhookRow Webhook, IReadOnlyList<string> Rooms)> Webhooks { get; private set; } = [];

    /// <summary>The rooms to choose from.</summary>
    public IReadOnlyList<MyRoom> Rooms { get; private set; } = [];

    /// <summary>What was chosen in a form that was not taken.</summary>
    public IReadOnlyList<string> Chosen { get; private set; } = [];

    /// <summary>The secret of one made just now: it can't be shown again.</summary>
    [TempData]
    public string? NewSecret { get; set; }

    /// <summary>True when one was just removed.</summary>
    [TempData]
    public bool Removed { get; set; }

    public Task<IActionResult> OnGetAsync(CancellationToken ct) => ShowAsync(ct);

    /// <param name="url">Where to.</param>
    /// <param name="rooms">Names of rooms.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<IActionResult> OnPostAsync([FromForm] string? url, [FromForm] List<string> rooms, CancellationToken ct)
    {
        try
        {
            var register = services.GetRequiredService<RegisterWebhook>();
            NewSecret = (await register.ExecuteAsync(HttpContext.GetCaller(), new RegisterWebhookInput(url?.Trim(), Secret: null, rooms), ct)).Secret;
            return new SeeOtherResult("/settings/webhooks/");
        }
        catch (RefusedException e) when (e.Refusal.Status is 400 or 404 or 409)
        {
            Chosen = rooms;
            ModelState.SetModelValue("url", url, url);
            ModelState.AddModelError(e.Field ?? "", refusals[e.Refusal.Name, [.. e.Arguments]]);
            Response.StatusCode = e.Refusal.Status;
            return await ShowAsync(ct);
        }
    }

    private async Task<IActionResult> ShowAsync(CancellationToken ct)
    {
        var userId = HttpContext.GetUserId();
        Webhooks = await services.GetRequiredService<WebhookQueries>().ListAsync(userId, ct);
        var queries = services.GetRequiredService<RoomListQueries>();
        var mine = await services.GetRequiredService<Db>().ReadAsync(session => queries.ListMineAsync(session, userId), ct);
        Rooms = [.. mine.Rooms, .. mine.ProjectChats];
        return Page();
    }
}
