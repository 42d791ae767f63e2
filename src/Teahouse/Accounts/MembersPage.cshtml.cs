using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary><c>/members/</c>: for administrators, who has an account, and links that let others make one.</summary>
[Authorize(Roles = SessionHandler.Administrator)]
public sealed class MembersPage(IServiceProvider services, Settings settings) : PageModel
{
    private const int PageSize = 100;

    public IReadOnlyList<UserRow> Users { get; private set; } = [];

    public IReadOnlyList<InviteRow> Invites { get; private set; } = [];

    /// <summary>The id to go on after; null on the last page.</summary>
    public long? NextAfter { get; private set; }

    public bool AcceptsInvites => settings.Signup != SignupMode.Closed;

    /// <summary>The token of an invite made just now: it can't be shown again.</summary>
    [TempData]
    public string? NewInvite { get; set; }

    /// <summary>True when an invite was just taken back.</summary>
    [TempData]
    public bool Revoked { get; set; }

    /// <summary>The address to send to whom one invites.</summary>
    public string InviteLink => $"{Request.Scheme}://{Request.Host}/signup/?invite={NewInvite}";

    public async Task OnGetAsync([FromQuery] long after, CancellationToken ct)
    {
        var queries = services.GetRequiredService<AccountQueries>();
        var users = await queries.ListUsersAsync(after, PageSize + 1, ct);
        Users = [.. users.Take(PageSize)];
        NextAfter = users.Count > PageSize ? Users[^1].Id : null;
        Invites = await queries.ListInvitesAsync(ct);
    }

    /// <param name="act">Which of the page's forms it is.</param>
    /// <param name="invite">The id of the invite to take back.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<IActionResult> OnPostAsync([FromForm] string? act, [FromForm] long invite, CancellationToken ct)
    {
        var store = services.GetRequiredService<InviteStore>();
        switch (act)
        {
            case "invite" when AcceptsInvites:
                NewInvite = await store.CreateAsync(HttpContext.GetCaller(), ct);
                break;
            case "revoke":
                Revoked = await store.RevokeAsync(HttpContext.GetCaller(), invite, ct);
                break;
            default:
                return BadRequest();
        }
        return new SeeOtherResult("/members/");
    }
}
