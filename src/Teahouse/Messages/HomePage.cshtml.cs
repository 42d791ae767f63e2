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

    /// <summary>What was searched for; empty for nothing.</summary>
    public string Search { get; private set; } = "";

    public async Task<IActionResult> OnGetAsync(string? q, CancellationToken ct)
    {
        if (HttpContext.GetCaller().UserId is not { } userId)
        {
            return LocalRedirect(LoginRedirect.Path);
        }
        Search = RoomName.SearchText(q);
        Rooms = await db.ReadAsync(session => queries.ListOpenAsync(session, userId, Search), ct);
        return Page();
    }

    /// <summary>My rooms alone, for a page whose list has become old.</summary>
    /// <param name="open">The room that is open on that page.</param>
    public IActionResult OnGetList(string? open) => new ViewComponentResult
    {
        ViewComponentName = "RoomList",
        Arguments = new { open },
    };
}
