using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Teahouse.Accounts;
using Teahouse.Web;

namespace Teahouse.Rooms;

/// <summary><c>POST /room/&lt;room&gt;/leave/</c>: ends the membership and goes home. A GET, such as after a login in between, leads to the room.</summary>
public sealed class LeavePage(RoomDoor door, LeaveRoom leave) : PageModel
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
        await leave.ExecuteAsync(pass, ct);
        return new SeeOtherResult("/");
    }
}
