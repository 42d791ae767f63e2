using Microsoft.AspNetCore.Mvc;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>The section of the settings page on where mail reaches its user.</summary>
public sealed partial class SettingsPage
{
    /// <summary>Null: nowhere.</summary>
    public string? Email { get; private set; }

    /// <summary>A new address must be proved.</summary>
    public bool HasMail => services.GetRequiredService<Settings>().Mail.IsOn;

    private async Task<IActionResult> ChangeEmailAsync(CancellationToken ct)
    {
        var typed = Field("email").Trim();
        var email = EmailAddress.Parse(typed);
        if (typed.Length > 0 && email is null)
        {
            ModelState.AddModelError("email", text["Error.BadEmail"]);
        }
        if (Field("email_password").Length == 0)
        {
            ModelState.AddModelError("email_password", text["Error.PasswordMissing"]);
        }
        var isComplete = ModelState.IsValid;
        Keep("email");
        try
        {
            var outcome = isComplete
                ? await services.GetRequiredService<ChangeEmail>().ExecuteAsync(Caller, Field("email_password"), email, services.GetRequiredService<SiteAddress>().Of(Request),
                    HttpContext.Connection.RemoteIpAddress, ct)
                : (ChangeEmail.Outcome?)null;
            switch (outcome)
            {
                case ChangeEmail.Outcome.LinkSent:
                    return Finish("Email.LinkSent");
                case ChangeEmail.Outcome.Changed or ChangeEmail.Outcome.Unchanged:
                    return Finish("Settings.Saved");
                case ChangeEmail.Outcome.WrongPassword:
                    ModelState.AddModelError("email_password", text["Error.PasswordMismatch"]);
                    break;
            }
            await LoadAsync(ct);
            return this.Again();
        }
        catch (RefusedException e) when (e.Refusal == Refusal.RateLimited)
        {
            await LoadAsync(ct);
            return this.TooMany(e, text);
        }
    }
}
