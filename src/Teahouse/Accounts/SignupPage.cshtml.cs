using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary><c>/signup/</c>, also by an invite link.</summary>
public sealed class SignupPage(IServiceProvider services, Settings settings, IStringLocalizer<AccountsText> text) : PageModel
{
    [BindProperty(Name = "username")]
    public string? Username { get; set; }

    [BindProperty(Name = "password1")]
    public string? Password1 { get; set; }

    [BindProperty(Name = "password2")]
    public string? Password2 { get; set; }

    /// <summary>An invite's token; needed unless sign-up is open.</summary>
    [BindProperty(Name = "invite", SupportsGet = true)]
    public string? Invite { get; set; }

    /// <summary>Where to go afterwards; only local paths are followed.</summary>
    [BindProperty(Name = "next", SupportsGet = true)]
    public string? Next { get; set; }

    /// <summary>Why no form is shown; null when it is.</summary>
    public string? Closed { get; private set; }

    public async Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        if (HttpContext.GetCaller().IsUser)
        {
            return LocalRedirect(LoginRedirect.Target(Next));
        }
        Closed = await FindWhyClosedAsync(ct);
        return Answer();
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        Closed = await FindWhyClosedAsync(ct);
        if (Closed is not null || !NewPassword.IsTypedTwice(ModelState, Username, Password1, Password2, text))
        {
            return Answer();
        }
        try
        {
            var (throttle, address) = (services.GetRequiredService<LoginThrottle>(), HttpContext.Connection.RemoteIpAddress);
            throttle.CountSignupTry(address);
            var user = NewPassword.MakeUser(Username, Admission());
            var result = await NewPassword.StoreAsync(services.GetRequiredService<UserManager<User>>(), user, Password1 ?? "", () => throttle.CountSignup(address));
            if (result.Succeeded)
            {
                await HttpContext.SignInAsync(user);
                return LocalRedirect(LoginRedirect.Target(Next));
            }
            ModelState.Add(result, text, "password1");
            return this.Again();
        }
        catch (RefusedException e) when (e.Refusal == Refusal.RateLimited)
        {
            return this.TooMany(e, text);
        }
    }

    // An invite is used up also where anybody may sign up, so that its maker sees who came.
    private Admission Admission() => string.IsNullOrEmpty(Invite)
        ? Accounts.Admission.Open
        : new Admission.Invited(SessionStore.Hash(Invite));

    private async Task<string?> FindWhyClosedAsync(CancellationToken ct)
    {
        if (settings.Signup == SignupMode.Closed)
        {
            return text["Signup.Closed"];
        }
        if (string.IsNullOrEmpty(Invite))
        {
            return settings.Signup == SignupMode.Invite ? text["Signup.InviteOnly"].Value : null;
        }
        return await services.GetRequiredService<AccountQueries>().IsInviteOpenAsync(Invite, ct) ? null : text["Error.BadInvite"].Value;
    }

    private PageResult Answer()
    {
        Response.StatusCode = Closed is not null ? StatusCodes.Status403Forbidden : ModelState.IsValid ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
        return Page();
    }
}
