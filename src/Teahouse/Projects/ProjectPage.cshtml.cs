using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Teahouse.Accounts;
using Teahouse.Storage;

namespace Teahouse.Projects;

/// <summary><c>/projects/&lt;slug&gt;/</c>: what a project is, and the way to talk with its owner.</summary>
public sealed class ProjectPage(Db db, ProjectAccess access, ProjectChatQueries chats) : PageModel
{
    /// <summary>Set by every handler that renders the page.</summary>
    public Project Project { get; private set; } = null!;

    /// <summary>For the owner all chats, for a visitor their own.</summary>
    public ChatTotals Chats { get; private set; } = new() { Chats = 0, Unread = 0 };

    /// <summary>The owner has ended the reader's chat.</summary>
    public bool IsBlocked { get; private set; }

    public bool IsOwner => Project.IsOwnedBy(HttpContext.GetCaller());

    public bool MayEdit => Project.IsRunBy(HttpContext.GetCaller());

    [TempData]
    public bool Saved { get; set; }

    public async Task<IActionResult> OnGetAsync(string slug, CancellationToken ct)
    {
        var caller = HttpContext.GetCaller();
        if (!access.MaySee(caller))
        {
            return LoginRedirect.To(HttpContext);
        }
        Project = await access.FindAsync(caller, slug, ct);
        if (caller.UserId is { } userId)
        {
            (Chats, IsBlocked) = await db.ReadAsync(async session => (
                await chats.CountAsync(session, Project.Id, userId),
                !IsOwner && await chats.FindAsync(session, Project.Id, userId) is { IsBlocked: true }), ct);
        }
        return Page();
    }
}
