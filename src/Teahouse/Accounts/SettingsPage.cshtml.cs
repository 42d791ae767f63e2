using System.Globalization;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary><c>/settings/</c>: what a user decides about their own account.</summary>
[Authorize]
public sealed partial class SettingsPage(IServiceProvider services, IStringLocalizer<AccountsText> text, IStringLocalizer<RefusalText> refusals) : PageModel
{
    public Caller Caller => HttpContext.GetCaller();

    /// <summary>The chosen language; null: as the browser asks.</summary>
    public string? Language { get; private set; }

    /// <summary>The chosen zone; null: the server's.</summary>
    public string? Zone { get; private set; }

    /// <summary>The chosen avatar colour; null: that of the name.</summary>
    public long? AvatarColour { get; private set; }

    public IReadOnlyList<SessionRow> Sessions { get; private set; } = [];

    public IReadOnlyList<TokenRow> Tokens { get; private set; } = [];

    /// <summary>Days a new token may live; the second is offered first.</summary>
    public static IReadOnlyList<int> TokenLifetimes { get; } = [30, 90, 365];

    /// <summary>A token made just now: it can't be shown again.</summary>
    [TempData]
    public string? NewToken { get; set; }

    /// <summary>What was just done, for a notice; null when nothing was.</summary>
    [TempData]
    public string? Done { get; set; }

    /// <summary>The section whose form was sent, where the page says what became of it; null: at its head.</summary>
    [TempData]
    public string? Section { get; set; }

    public Task OnGetAsync(CancellationToken ct) => LoadAsync(ct);

    /// <param name="act">Which of the page's forms it is.</param>
    /// <param name="ct">Ends the wait.</param>
    public Task<IActionResult> OnPostAsync([FromForm] string? act, CancellationToken ct)
    {
        Section = act switch
        {
            "delete_account" => "delete",
            "end_session" or "end_others" => "sessions",
            "make_token" or "revoke_token" => "tokens",
            "email" or "password" or "writing" or "notifications" => act,
            _ => null,
        };
        return ActAsync(act, ct);
    }

    private Task<IActionResult> ActAsync(string? act, CancellationToken ct) => act switch
    {
        "profile" => ChangeProfileAsync(ct),
        "email" => ChangeEmailAsync(ct),
        "writing" => ChangeWritingAsync(ct),
        "notifications" => ChangeNotificationsAsync(ct),
        "delete_account" => DeleteAccountAsync(ct),
        "password" => ChangePasswordAsync(ct),
        "end_session" => EndSessionAsync(ct),
        "end_others" => EndOthersAsync(ct),
        "make_token" => MakeTokenAsync(ct),
        "revoke_token" => RevokeTokenAsync(ct),
        _ => Task.FromResult<IActionResult>(BadRequest()),
    };

    private async Task<IActionResult> ChangeProfileAsync(CancellationToken ct)
    {
        try
        {
            var change = services.GetRequiredService<ChangeProfile>();
            await change.ExecuteAsync(Caller, new Profile(Field("display_name"), Field("language"), Field("time_zone"), Field("avatar_colour")), ct);
            return Finish("Settings.Saved");
        }
        catch (RefusedException e) when (e.Refusal == Refusal.BadNickname || e.Refusal == Refusal.NicknameTaken)
        {
            Keep("display_name");
            ModelState.AddModelError("display_name", refusals[e.Refusal == Refusal.BadNickname ? "BadNickname" : "NameTaken"]);
            await LoadAsync(ct);
            (Language, Zone) = (Field("language"), Field("time_zone"));
            AvatarColour = AvatarView.TryParseColour(Field("avatar_colour"), out var colour) ? colour : null;
            return this.Again();
        }
    }

    private async Task<IActionResult> ChangePasswordAsync(CancellationToken ct)
    {
        var (old, password) = (Field("old_password"), Field("new_password1"));
        if (old.Length == 0)
        {
            ModelState.AddModelError("old_password", text["Error.PasswordMissing"]);
        }
        if (password.Length == 0)
        {
            ModelState.AddModelError("new_password1", text["Error.PasswordMissing"]);
        }
        else if (password != Field("new_password2"))
        {
            ModelState.AddModelError("new_password2", text["Error.PasswordsDiffer"]);
        }
        await LoadAsync(ct);
        if (!ModelState.IsValid)
        {
            return this.Again();
        }
        try
        {
            // Somebody at an open browser must not be able to try passwords faster than at the login.
            services.GetRequiredService<LoginThrottle>().CountLogin(NameSkeleton.Key(Caller.Username), HttpContext.Connection.RemoteIpAddress);
            var users = services.GetRequiredService<UserManager<User>>();
            var user = await users.GetUserAsync(User) ?? throw new RefusedException(Refusal.NoSuchUser);
            user.PasswordChange = new PasswordChange(Caller.SessionId, Actor: null);
            var result = await users.ChangePasswordAsync(user, old, password);
            if (result.Succeeded)
            {
                return Finish("Settings.PasswordChanged");
            }
            ModelState.Add(result, text, "new_password1");
            return this.Again();
        }
        catch (RefusedException e) when (e.Refusal == Refusal.RateLimited)
        {
            return this.TooMany(e, text);
        }
    }

    private async Task<IActionResult> EndSessionAsync(CancellationToken ct)
    {
        if (Caller.UserId is { } userId && long.TryParse(Field("session"), out var id))
        {
            await services.GetRequiredService<SessionStore>().EndAsync(userId, id, ct);
        }
        return Finish("Settings.SessionEnded");
    }

    private async Task<IActionResult> EndOthersAsync(CancellationToken ct)
    {
        if (Caller.UserId is { } userId)
        {
            await services.GetRequiredService<SessionStore>().EndOthersAsync(userId, Caller.SessionId, ct);
        }
        return Finish("Settings.OthersEnded");
    }

    private async Task<IActionResult> MakeTokenAsync(CancellationToken ct)
    {
        DateTimeOffset? expiresAt = int.TryParse(Field("expiry"), NumberStyles.None, CultureInfo.InvariantCulture, out var days) && TokenLifetimes.Contains(days)
            ? services.GetRequiredService<TimeProvider>().GetUtcNow().AddDays(days)
            : null;
        try
        {
            var made = await services.GetRequiredService<MakeToken>().ExecuteAsync(Caller, new MakeTokenInput(Field("token_name"), Field("scope"), Field("bot_name"), expiresAt), ct);
            NewToken = made.Text;
            return new Web.SeeOtherResult("/settings/#tokens");
        }
        catch (RefusedException e) when (e.Refusal.Status is 400 or 403 or 409)
        {
            Keep("token_name");
            Keep("bot_name");
            ModelState.AddModelError(e.Field switch { "name" => "token_name", "bot_name" => "bot_name", _ => "" }, refusals[e.Refusal.Name, [.. e.Arguments]]);
            await LoadAsync(ct);
            return this.Again();
        }
    }

    private async Task<IActionResult> RevokeTokenAsync(CancellationToken ct)
    {
        if (Caller.UserId is { } userId && long.TryParse(Field("token"), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            await services.GetRequiredService<TokenStore>().RevokeAsync(userId, id, Caller, ct);
        }
        return Finish("Tokens.Revoked");
    }

    private async Task LoadAsync(CancellationToken ct)
    {
        var signedIn = HttpContext.Features.Get<SignedIn>();
        (Language, Zone, EnterBreaks) = (signedIn?.Language, signedIn?.TimeZone, signedIn?.EnterBreaks ?? false);
        (Notify, HasSound) = (signedIn?.NotifyOf ?? NotifyOf.All, signedIn?.NotifySound ?? false);
        AvatarColour = Caller.AvatarColour;
        Tokens = Caller.UserId is { } owner ? await services.GetRequiredService<TokenQueries>().ListAsync(owner, ct) : [];
        if (Caller.UserId is { } userId)
        {
            var accounts = services.GetRequiredService<AccountQueries>();
            Sessions = await accounts.ListSessionsAsync(userId, ct);
            Email = (await accounts.FindAsync(userId, ct))?.Email;
        }
    }

    private string Field(string name) => Request.Form[name].ToString();

    // The field's partial shows again what the model state says was sent.
    private void Keep(string field) => ModelState.SetModelValue(field, Field(field), Field(field));

    /// <param name="done">The key of what is said, in the section of the form.</param>
    private Web.SeeOtherResult Finish(string done)
    {
        Done = done;
        return new Web.SeeOtherResult("/settings/" + (Section is null ? "" : "#" + Section));
    }
}
