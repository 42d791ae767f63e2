using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Teahouse.Accounts;
using Teahouse.Web;

namespace Teahouse.Rooms;

/// <summary><c>POST /room/&lt;room&gt;/join/</c>: becomes a member and goes in. A GET, such as after a login in between, only goes in.</summary>
public sealed class JoinPage(RoomDoor door, JoinRoom join) : PageModel
{
    public IActionResult OnGet(string room) => LocalRedirect($"/room/{Uri.EscapeDataString(room)}/");

    public async Task<IActionResult> OnPostAsync(string room, CancellationToken ct)
    {
        var (pass, answer) = await door.FindAsync(HttpContext, room, ct);
        if (pass is null)
        {
            return answer;
        }
        if (!pass.Caller.IsUser)
        {
            return LoginRedirect.To(HttpContext);
        }
        await join.ExecuteAsync(pass, ct);
        return new SeeOtherResult($"/room/{Uri.EscapeDataString(pass.Name)}/");
    }
}
