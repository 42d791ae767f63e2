using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Teahouse.Accounts;

/// <summary><c>/reset/?token=…</c>: sets a new password by a link of <see cref="MakeResetLink"/>, and ends all sessions.</summary>
public sealed class ResetPage(IServiceProvider services, IStringLocalizer<AccountsText> text) : PageModel
{
    [BindProperty(Name = "token", SupportsGet = true)]
    public string? Token { get; set; }

    /// <summary>Whose password it is; null when the link does not work.</summary>
    public string? Username { get; private set; }

    public bool IsDone { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        Username = (await FindAsync(ct))?.Username;
        return Answer();
    }

    public async Task<IActionResult> OnPostAsync([FromForm(Name = "new_password1")] string? password, [FromForm(Name = "new_password2")] string? again, CancellationToken ct)
    {
        Username = (await FindAsync(ct))?.Username;
        if (Username is null)
        {
            return Answer();
        }
        if (string.IsNullOrEmpty(password))
        {
            ModelState.AddModelError("new_password1", text["Error.PasswordMissing"]);
        }
        else if (password != again)
        {
            ModelState.AddModelError("new_password2", text["Error.PasswordsDiffer"]);
        }
        if (!ModelState.IsValid || string.IsNullOrEmpty(password))
        {
            return this.Again();
        }
        var result = await services.GetRequiredService<ResetPassword>().ExecuteAsync(Token ?? "", password, ct);
        if (result.Errors.Any(error => error.Code == AccountError.BadLink))
        {
            Username = null;
            return Answer();
        }
        if (!result.Succeeded)
        {
            ModelState.Add(result, text, "new_password1");
            return this.Again();
        }
        IsDone = true;
        return Page();
    }

    private Task<AccountLink?> FindAsync(CancellationToken ct) => services.GetRequiredService<AccountLinkStore>().FindAsync(Token, AccountLinkStore.Reset, ct);

    private PageResult Answer()
    {
        Response.StatusCode = Username is null ? StatusCodes.Status403Forbidden : StatusCodes.Status200OK;
        return Page();
    }
}
