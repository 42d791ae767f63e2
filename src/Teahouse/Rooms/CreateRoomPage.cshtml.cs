using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Teahouse.Accounts;
using Teahouse.Web;

namespace Teahouse.Rooms;

/// <summary><c>/create/</c>: a new room.</summary>
public sealed class CreateRoomPage(CreateRoom create, IStringLocalizer<RefusalText> refusals) : PageModel
{
    /// <summary>The choice shown as made.</summary>
    public Access Chosen { get; private set; } = Access.Members;

    public IActionResult OnGet() => HttpContext.GetCaller().IsUser ? Page() : LoginRedirect.To(HttpContext);

    public async Task<IActionResult> OnPostAsync(string? name, string? title, string? topic, string? access, CancellationToken ct)
    {
        var caller = HttpContext.GetCaller();
        if (!caller.IsUser)
        {
            return LoginRedirect.To(HttpContext);
        }
        try
        {
            var room = await create.ExecuteAsync(caller, new CreateRoomInput(name, title, topic, access ?? Access.Members.ToText()), ct);
            return new SeeOtherResult($"/room/{Uri.EscapeDataString(room.Name)}/");
        }
        catch (RefusedException e) when (e.Refusal.Status is 400 or 409)
        {
            ModelState.Add(e, refusals);
            Chosen = Enum.TryParse<Access>(access, ignoreCase: true, out var chosen) ? chosen : Chosen;
            Response.StatusCode = e.Refusal.Status;
            return Page();
        }
    }
}
