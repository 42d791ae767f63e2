using Microsoft.AspNetCore.Mvc;

namespace Teahouse.Accounts;

/// <summary>The section of the settings page by which its user leaves for good.</summary>
public sealed partial class SettingsPage
{
    /// <summary>Days in which one can think better of it.</summary>
    public static int GraceDays => (int)DeleteOwnAccount.Grace.TotalDays;

    private async Task<IActionResult> DeleteAccountAsync(CancellationToken ct)
    {
        if (DeleteUser.Parse(Field("messages")) is not (MessagesLeft.Anonymous or MessagesLeft.Removed) || Field("when") is not ("later" or "now"))
        {
            return BadRequest();
        }
        var messages = DeleteUser.Parse(Field("messages")) ?? MessagesLeft.Anonymous;
        try
        {
            if (Field("delete_password").Length > 0
                && await services.GetRequiredService<DeleteOwnAccount>().ExecuteAsync(Caller, Field("delete_password"), messages, Field("when") == "now", HttpContext.Connection.RemoteIpAddress, ct))
            {
                TempData[nameof(LoginPage.Left)] = Field("when") == "now" ? "Delete.IsDone" : "Delete.IsPlanned";
                return new Web.SeeOtherResult("/login/");
            }
            ModelState.AddModelError("delete_password", text[Field("delete_password").Length > 0 ? "Error.PasswordMismatch" : "Error.PasswordMissing"]);
            await LoadAsync(ct);
            return this.Again();
        }
        catch (RefusedException e) when (e.Refusal == Refusal.LastAdministrator)
        {
            ModelState.AddModelError("", refusals[e.Refusal.Name]);
            await LoadAsync(ct);
            Response.StatusCode = e.Refusal.Status;
            return Page();
        }
        catch (RefusedException e) when (e.Refusal == Refusal.RateLimited)
        {
            await LoadAsync(ct);
            return this.TooMany(e, text);
        }
    }
}
