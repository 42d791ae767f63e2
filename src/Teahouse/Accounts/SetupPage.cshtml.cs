using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Teahouse.Accounts;

/// <summary><c>/setup/</c>: the first administrator, while there is no account.</summary>
public sealed class SetupPage(IServiceProvider services, IStringLocalizer<AccountsText> text) : PageModel
{
    [BindProperty(Name = "username")]
    public string? Username { get; set; }

    [BindProperty(Name = "password1")]
    public string? Password1 { get; set; }

    [BindProperty(Name = "password2")]
    public string? Password2 { get; set; }

    [BindProperty(Name = "code")]
    public string? Code { get; set; }

    public bool AsksForCode => services.GetRequiredService<FirstRun>().AsksForCode(HttpContext);

    public async Task<IActionResult> OnGetAsync(CancellationToken ct) => await IsPendingAsync(ct) ? Page() : LocalRedirect("/");

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!await IsPendingAsync(ct))
        {
            return LocalRedirect("/");
        }
        try
        {
            if (AsksForCode)
            {
                // Counted like tries to sign in to one account, so that the code can't be guessed.
                services.GetRequiredService<LoginThrottle>().CountLogin("/setup/", HttpContext.Connection.RemoteIpAddress);
                if (!services.GetRequiredService<FirstRun>().IsCode(Code))
                {
                    ModelState.AddModelError("code", text["Error.SetupCode"]);
                }
            }
            var users = services.GetRequiredService<UserManager<User>>();
            var user = NewPassword.MakeUser(Username, Admission.First, isAdmin: true);
            if (!NewPassword.IsTypedTwice(ModelState, Username, Password1, Password2, text))
            {
                ModelState.Add(await NewPassword.CheckAsync(users, user, Password1), text, "password1");
                return this.Again();
            }
            var result = await NewPassword.StoreAsync(users, user, Password1 ?? "");
            if (result.Succeeded)
            {
                await HttpContext.SignInAsync(user);
                return LocalRedirect("/");
            }
            ModelState.Add(result, text, "password1");
            return this.Again();
        }
        catch (RefusedException e) when (e.Refusal == Refusal.RateLimited)
        {
            return this.TooMany(e, text);
        }
    }

    private ValueTask<bool> IsPendingAsync(CancellationToken ct) => services.GetRequiredService<FirstRun>().IsPendingAsync(ct);
}
