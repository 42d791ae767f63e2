using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Teahouse.Accounts;
using Teahouse.Rooms;
using Teahouse.Web;

namespace Teahouse.Admin;

/// <summary><c>/admin/users/&lt;id&gt;/</c>: all that is known of one account.</summary>
[Authorize(Roles = SessionHandler.Administrator)]
public sealed class UserPage(IServiceProvider services, IStringLocalizer<AdminText> texts) : PageModel
{
    private const int AuditRows = 20;

    /// <summary>Set by every handler that renders the page.</summary>
    public UserListRow Account { get; private set; } = null!;

    public IReadOnlyList<SessionRow> Sessions { get; private set; } = [];

    public IReadOnlyList<TokenRow> Tokens { get; private set; } = [];

    public IReadOnlyList<RoomOfUser> Rooms { get; private set; } = [];

    public IReadOnlyList<AuditRow> Audit { get; private set; } = [];

    /// <summary>The address of a link made just now: it can't be shown again.</summary>
    [TempData]
    public string? ResetPath { get; set; }

    [TempData]
    public string? Done { get; set; }

    [TempData]
    public string? Failed { get; set; }

    /// <summary>The administrator's own account, and the session they look at it by.</summary>
    public Caller Caller => HttpContext.GetCaller();

    public async Task<IActionResult> OnGetAsync(long id, CancellationToken ct)
    {
        if ((await services.GetRequiredService<UserListQueries>().ListAsync([id], ct)) is not [var found])
        {
            return NotFound();
        }
        Account = found;
        Sessions = await services.GetRequiredService<AccountQueries>().ListSessionsAsync(id, ct);
        Tokens = await services.GetRequiredService<TokenQueries>().ListAsync(id, ct);
        Rooms = await services.GetRequiredService<RoomAdminQueries>().ListOfUserAsync(id, ct);
        Audit = await services.GetRequiredService<AuditQueries>().ListAboutAsync(found.Username, AuditRows, ct);
        return Page();
    }

    /// <param name="id">Whose account.</param>
    /// <param name="act"><c>reset</c> for a link to set a new password.</param>
    /// <param name="session">The session to end.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<IActionResult> OnPostAsync(long id, [FromForm] string? act, [FromForm] long session, CancellationToken ct)
    {
        if (act == "reset")
        {
            ResetPath = await services.GetRequiredService<MakeResetLink>().ExecuteAsync(Caller, id, ct);
            return new SeeOtherResult($"/admin/users/{id}/");
        }
        Done = await services.GetRequiredService<SignOutEverywhere>().EndOneAsync(Caller, id, session, ct) ? texts["User.SessionEnded"] : texts["NothingToDo"];
        return new SeeOtherResult($"/admin/users/{id}/");
    }
}
