using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Teahouse.Accounts;
using Teahouse.Web;

namespace Teahouse.Sinks.Webhooks;

/// <summary><c>/settings/webhooks/&lt;id&gt;/</c>: one outgoing webhook, how it goes, and what was sent.</summary>
[Authorize]
public sealed class WebhookPage(IServiceProvider services, IStringLocalizer<RefusalText> refusals) : PageModel
{
    /// <summary>Set by every handler that renders the page.</summary>
    public WebhookRow Webhook { get; private set; } = null!;

    public IReadOnlyList<DeliveryRow> Deliveries { get; private set; } = [];

    /// <summary>A secret made just now: it can't be shown again.</summary>
    [TempData]
    public string? NewSecret { get; set; }

    /// <summary>What was just done, for a notice; null when nothing was.</summary>
    [TempData]
    public string? Done { get; set; }

    /// <summary>The present moment.</summary>
    public DateTimeOffset Now => services.GetRequiredService<TimeProvider>().GetUtcNow();

    private ManageWebhooks Manage => services.GetRequiredService<ManageWebhooks>();

    public Task<IActionResult> OnGetAsync(long id, CancellationToken ct) => ShowAsync(id, ct);

    /// <param name="id">Which webhook.</param>
    /// <param name="form">Which of the page's forms it is, and its fields.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<IActionResult> OnPostAsync(long id, WebhookForm form, CancellationToken ct)
    {
        var caller = HttpContext.GetCaller();
        try
        {
            switch (form.Act)
            {
                case "rotate":
                    NewSecret = (await Manage.RotateAsync(caller, id, secret: null, ct)).Secret;
                    break;
                case "resume":
                    await Manage.ResumeAsync(caller, id, ct);
                    Done = "Resumed";
                    break;
                case "test":
                    await Manage.TestAsync(caller, id, ct);
                    Done = "Tested";
                    break;
                case "replay":
                    await Manage.ReplayAsync(caller, id, form.Delivery, ct);
                    Done = "Replayed";
                    break;
                case "replay_range":
                    await Manage.ReplayAsync(caller, id, form.First, form.Last, ct);
                    Done = "Replayed";
                    break;
                case "delete":
                    return await DeleteAsync(caller, id, ct);
                default:
                    return BadRequest();
            }
            return new SeeOtherResult($"/settings/webhooks/{id}/");
        }
        catch (RefusedException e) when (e.Refusal.Status is 400 or 409 || e.Refusal == Refusal.NoSuchDelivery)
        {
            ModelState.AddModelError(e.Field == "first" ? "first" : "", refusals[e.Refusal.Name, [.. e.Arguments]]);
            Response.StatusCode = e.Refusal.Status;
            return await ShowAsync(id, ct);
        }
        catch (RefusedException e) when (e.Refusal == Refusal.NoSuchHook)
        {
            return NotFound();
        }
    }

    private async Task<IActionResult> DeleteAsync(Caller caller, long id, CancellationToken ct)
    {
        if (!await services.GetRequiredService<WebhookStore>().DeleteAsync(caller, HttpContext.GetUserId(), id, ct))
        {
            return NotFound();
        }
        TempData[nameof(WebhooksPage.Removed)] = true;
        return new SeeOtherResult("/settings/webhooks/");
    }

    private async Task<IActionResult> ShowAsync(long id, CancellationToken ct)
    {
        try
        {
            (Webhook, Deliveries) = await Manage.ListDeliveriesAsync(HttpContext.GetCaller(), id, ct);
            return Page();
        }
        catch (RefusedException e) when (e.Refusal == Refusal.NoSuchHook)
        {
            return NotFound();
        }
    }
}

/// <summary>The fields of the page's forms.</summary>
public sealed record WebhookForm
{
    [FromForm(Name = "act")]
    public string? Act { get; init; }

    /// <summary>The delivery whose message is to be sent once more.</summary>
    [FromForm(Name = "delivery")]
    public long Delivery { get; init; }

    /// <summary>The id of the first message to be sent once more.</summary>
    [FromForm(Name = "first")]
    public long First { get; init; }

    /// <summary>The id of the last one.</summary>
    [FromForm(Name = "last")]
    public long Last { get; init; }
}
