using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary><c>/login/</c>.</summary>
public sealed class LoginPage(IServiceProvider services, Settings settings, IStringLocalizer<AccountsText> text) : PageModel
{
    [BindProperty(Name = "username")]
    public string? Username { get; set; }

    [BindProperty(Name = "password")]
    public string? Password { get; set; }

    /// <summary>A ticked box says <c>true</c> here and <c>on</c> in forms that name no value.</summary>
    [BindProperty(Name = "remember")]
    public string? Ticked { get; set; }

    public bool Remember => Ticked is "true" or "on" or "1";

    /// <summary>Where to go afterwards; only local paths are followed.</summary>
    [BindProperty(Name = "next", SupportsGet = true)]
    public string? Next { get; set; }

    /// <summary>What became of an account that was just left: the key of its text.</summary>
    [TempData]
    public string? Left { get; set; }

    public bool CanSignUp => settings.Signup == SignupMode.Open;

    public bool CanBeGuest => settings.GuestsAllowed;

    public IActionResult OnGet() => HttpContext.GetCaller().IsUser ? LocalRedirect(LoginRedirect.Target(Next)) : Page();

    public async Task<IActionResult> OnPostAsync()
    {
        if (string.IsNullOrEmpty(Username))
        {
            ModelState.AddModelError("username", text["Error.NameMissing"]);
        }
        if (string.IsNullOrEmpty(Password))
        {
            ModelState.AddModelError("password", text["Error.PasswordMissing"]);
        }
        if (string.IsNullOrEmpty(Username) || string.IsNullOrEmpty(Password))
        {
            return this.Again();
        }
        try
        {
            var user = await services.GetRequiredService<SignIn>().ExecuteAsync(Username.Trim(), Password, HttpContext.Connection.RemoteIpAddress);
            if (user is null)
            {
                ModelState.AddModelError("", text["Error.WrongLogin"]);
                return this.Again();
            }
            await HttpContext.SignInAsync(user, Remember);
            if (user.DeletesAt is not null)
            {
                TempData[nameof(SettingsPage.Done)] = "Delete.Cancelled";
                return LocalRedirect("/settings/");
            }
            return LocalRedirect(LoginRedirect.Target(Next));
        }
        catch (RefusedException e) when (e.Refusal == Refusal.RateLimited)
        {
            return this.TooMany(e, text);
        }
    }
}
