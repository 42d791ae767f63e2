using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary><c>/settings/email/?token=…</c>: the link in a letter to a new address. It asks for a click, because programs that read mail for people open links, too; who has the link needs no other sign-in.</summary>
public sealed class EmailPage(IServiceProvider services) : PageModel
{
    [BindProperty(Name = "token", SupportsGet = true)]
    public string? Token { get; set; }

    /// <summary>Whose address it is to be; null when the link does not work.</summary>
    public string? Username { get; private set; }

    /// <summary>Which address.</summary>
    public string? Email { get; private set; }

    public bool IsDone { get; private set; }

    public async Task OnGetAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        Response.StatusCode = Username is null ? StatusCodes.Status403Forbidden : StatusCodes.Status200OK;
    }

    public async Task OnPostAsync(CancellationToken ct)
    {
        await LoadAsync(ct);
        IsDone = await services.GetRequiredService<ChangeEmail>().ConfirmAsync(Token ?? "", services.GetRequiredService<SiteAddress>().Of(Request), ct) is not null;
        Username = IsDone ? Username : null;
        Response.StatusCode = IsDone ? StatusCodes.Status200OK : StatusCodes.Status403Forbidden;
    }

    private async Task LoadAsync(CancellationToken ct)
    {
        var link = await services.GetRequiredService<AccountLinkStore>().FindAsync(Token, AccountLinkStore.Email, ct);
        (Username, Email) = (link?.Username, link?.Value);
    }
}
