using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Teahouse.Mail;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary><c>/forgot/</c>: asks for a link by which a new password can be set. What is answered, and how fast, does not depend on whether there is such an account: the page only notes down what was typed.</summary>
public sealed class ForgotPage(IServiceProvider services, Settings settings, IStringLocalizer<AccountsText> text) : PageModel
{
    [BindProperty(Name = "username")]
    public string? Username { get; set; }

    public bool HasMail => settings.Mail.IsOn;

    public bool IsSent { get; private set; }

    public void OnGet()
    {
        // The form alone.
    }

    public async Task<IActionResult> OnPostAsync(CancellationToken ct)
    {
        if (!HasMail)
        {
            return Page();
        }
        var typed = Username?.Trim() ?? "";
        if (typed.Length is 0 or > EmailAddress.MaxLength || UsernameRule.Normalize(typed) is not { } name)
        {
            ModelState.AddModelError("username", text["Error.NameMissing"]);
            return this.Again();
        }
        try
        {
            services.GetRequiredService<LoginThrottle>().CountLogin(NameSkeleton.Key(name), HttpContext.Connection.RemoteIpAddress);
        }
        catch (RefusedException e) when (e.Refusal == Refusal.RateLimited)
        {
            return this.TooMany(e, text);
        }
        var order = new ResetOrder(typed, services.GetRequiredService<SiteAddress>().Of(Request));
        await services.GetRequiredService<MailOutbox>().AddAsync(ResetLetter.MailKind, order, AccountLinkStore.Lifetime, ct);
        IsSent = true;
        return Page();
    }
}
