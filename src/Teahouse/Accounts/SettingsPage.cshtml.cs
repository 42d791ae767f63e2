using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary><c>/settings/</c>: the language of the account, and how the pages look in this browser.</summary>
public sealed class SettingsPage(UserManager<User> users) : PageModel
{
    /// <summary>The account's choice; empty to follow the browser.</summary>
    public string Language { get; private set; } = "";

    /// <summary>What was chosen is stored; told once, after the redirect.</summary>
    [TempData]
    public bool Saved { get; set; }

    public async Task<IActionResult> OnGetAsync()
    {
        if (await FindUserAsync() is not { } user)
        {
            return LoginRedirect.To(HttpContext);
        }
        Language = user.Language ?? "";
        return Page();
    }

    public async Task<IActionResult> OnPostAsync(string? language)
    {
        if (await FindUserAsync() is not { } user)
        {
            return LoginRedirect.To(HttpContext);
        }
        if (!string.IsNullOrEmpty(language) && !Languages.Supported.Contains(language))
        {
            return BadRequest();
        }
        user.Language = string.IsNullOrEmpty(language) ? null : language;
        var stored = await users.UpdateAsync(user);
        Saved = stored.Succeeded;
        return new SeeOtherResult("/settings/");
    }

    private async Task<User?> FindUserAsync() =>
        HttpContext.GetCaller().UserId is { } id ? await users.FindByIdAsync(id.ToString(System.Globalization.CultureInfo.InvariantCulture)) : null;
}
