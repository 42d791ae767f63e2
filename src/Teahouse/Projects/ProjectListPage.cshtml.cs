using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Teahouse.Accounts;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Projects;

/// <summary><c>/projects/</c>: all projects, the newest first; a search, and one's own.</summary>
public sealed class ProjectListPage(Db db, ProjectAccess access, ProjectQueries queries) : PageModel
{
    private const int PageSize = 30;

    public IReadOnlyList<ListedProject> Projects { get; private set; } = [];

    /// <summary>What was searched for; empty for nothing.</summary>
    public string Search { get; private set; } = "";

    public bool IsMine { get; private set; }

    public bool IsFirstPage { get; private set; }

    /// <summary>The id before which the next page begins; null on the last one.</summary>
    public long? NextBefore { get; private set; }

    /// <param name="q">A part of the title, slug or description.</param>
    /// <param name="mine">Anything: only one's own.</param>
    /// <param name="before">Where the page begins.</param>
    /// <param name="ct">Cancels the read.</param>
    public async Task<IActionResult> OnGetAsync(string? q, string? mine, long? before, CancellationToken ct)
    {
        var caller = HttpContext.GetCaller();
        if (!access.MaySee(caller) || (mine is not null && !caller.IsUser))
        {
            return LoginRedirect.To(HttpContext);
        }
        Search = RoomName.SearchText(q);
        IsMine = mine is not null;
        IsFirstPage = before is null;
        Projects = await db.ReadAsync(session => queries.ListAsync(session, caller.UserId, Search, IsMine, before, PageSize + 1), ct);
        if (Projects.Count > PageSize)
        {
            Projects = [.. Projects.Take(PageSize)];
            NextBefore = Projects[^1].Id;
        }
        return Page();
    }
}
