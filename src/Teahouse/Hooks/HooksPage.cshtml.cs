using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Teahouse.Rooms;
using Teahouse.Web;

namespace Teahouse.Hooks;

/// <summary><c>/room/&lt;room&gt;/settings/hooks/</c>: a room's incoming webhooks, for its owners and moderators.</summary>
public sealed class HooksPage(RoomDoor door, IServiceProvider services, IStringLocalizer<RefusalText> refusals) : PageModel
{
    /// <summary>Set by every handler that renders the page.</summary>
    public RoomPass Pass { get; private set; } = null!;

    public IReadOnlyList<HookRow> Hooks { get; private set; } = [];

    /// <summary>The end of the address of a webhook made just now: it can't be shown again.</summary>
    [TempData]
    public string? NewHook { get; set; }

    /// <summary>True when one was just revoked.</summary>
    [TempData]
    public bool Revoked { get; set; }

    /// <summary>The address to give to the program.</summary>
    public string Address => HooksApi.AddressOf(Request, NewHook ?? "");

    private ManageHooks Manage => services.GetRequiredService<ManageHooks>();

    public async Task<IActionResult> OnGetAsync(string room, CancellationToken ct)
    {
        var (pass, answer) = await door.ModerateAsync(HttpContext, room, ct);
        return pass is null ? answer : await ShowAsync(pass, ct);
    }

    /// <param name="room">The room's name.</param>
    /// <param name="act">Which of the page's forms it is.</param>
    /// <param name="name">What a new one's messages go by.</param>
    /// <param name="hook">The id of the one to revoke.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<IActionResult> OnPostAsync(string room, [FromForm] string? act, [FromForm] string? name, [FromForm] long hook, CancellationToken ct)
    {
        var (pass, answer) = await door.ModerateAsync(HttpContext, room, ct);
        if (pass is null)
        {
            return answer;
        }
        try
        {
            switch (act)
            {
                case "create":
                    NewHook = (await Manage.CreateAsync(pass, name, ct)).Secret;
                    break;
                case "revoke":
                    await Manage.RevokeAsync(pass, hook, ct);
                    Revoked = true;
                    break;
                default:
                    return BadRequest();
            }
            return new SeeOtherResult($"/room/{Uri.EscapeDataString(pass.Name)}/settings/hooks/");
        }
        catch (RefusedException e) when (e.Refusal.Status is 400 or 403 or 404 or 409)
        {
            ModelState.AddModelError(e.Field ?? "", refusals[e.Refusal.Name, [.. e.Arguments]]);
            Response.StatusCode = e.Refusal.Status;
            return await ShowAsync(pass, ct);
        }
    }

    private async Task<PageResult> ShowAsync(RoomPass pass, CancellationToken ct)
    {
        Pass = pass;
        Hooks = await Manage.ListAsync(pass, ct);
        return Page();
    }
}
