using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Teahouse.Accounts;

/// <summary><c>POST /logout/</c>. Merely opening the address signs nobody out, or any page with a picture of that address could; it asks.</summary>
public sealed class LogoutPage : PageModel
{
    public IActionResult OnGet() => HttpContext.GetCaller().IsUser ? Page() : LocalRedirect("/");

    public async Task<IActionResult> OnPostAsync()
    {
        await HttpContext.SignOutAsync();
        return LocalRedirect("/");
    }
}
