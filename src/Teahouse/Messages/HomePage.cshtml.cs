using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Teahouse.Accounts;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary><c>/</c>: my rooms (in the frame) and those I may join. Who is not signed in goes to login.</summary>
public sealed class HomePage(Db db, RoomDirectoryQueries queries) : PageModel
{
    /// <summary>Rooms I may join and am not in.</summary>
    public IReadOnlyList<OpenRoom> Rooms { get; private set; } = [];

    /// <summary>Whether I am in any.</summary>
    public bool HasRoom { get; private set; }

    /// <summary>What was searched for; empty for nothing.</summary>
    public string Search { get; private set; } = "";

    /// <param name="q">What to look for among the rooms I am not in.</param>
    /// <param name="all">The list of my rooms holds every one.</param>
    /// <param name="ct">The request's.</param>
    public async Task<IActionResult> OnGetAsync(string? q, bool all, CancellationToken ct)
    {
        ViewData["AllRooms"] = all;
        if (HttpContext.GetCaller().UserId is not { } userId)
        {
            return LocalRedirect(LoginRedirect.Path);
        }
        Search = RoomName.SearchText(q);
        (Rooms, HasRoom) = await db.ReadAsync(async session => (await queries.ListOpenAsync(session, userId, Search), await queries.HasRoomAsync(session, userId)), ct);
        return Page();
    }

    /// <summary>My rooms alone, for a page whose list has become old.</summary>
    /// <param name="open">The room that is open on that page.</param>
    /// <param name="all">Every one.</param>
    public IActionResult OnGetList(string? open, bool all) => new ViewComponentResult
    {
        ViewComponentName = "RoomList",
        Arguments = new { open, all },
    };
}
