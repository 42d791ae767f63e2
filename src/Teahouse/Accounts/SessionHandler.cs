using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>Sign-in by a random key in a cookie and a row of <c>sessions</c>: ending the row ends the sign-in, whatever cookies are left.</summary>
internal sealed class SessionHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, Sessions sessions, SessionStore store)
    : SignInAuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SchemeName = "Session";
    private const string CookieName = "teahouse_session";
    private const int MaxKeyLength = 128;

    /// <summary>What <c>[Authorize(Roles = …)]</c> calls an administrator.</summary>
    public const string Administrator = "administrator";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.NeedsNobody() || Request.Cookies[AccountCookie.Name(Request, CookieName)] is not { Length: > 0 and <= MaxKeyLength } key)
        {
            return AuthenticateResult.NoResult();
        }
        SignedIn? signedIn;
        bool wasExtended;
        try
        {
            (signedIn, wasExtended) = await sessions.FindAsync(key, Context.RequestAborted);
        }
        catch (RefusedException e)
        {
            // The database is away. What is thrown here would be thrown again where the page that says so is made.
            Context.Features.Set(new RefusedCredentials(e.Refusal));
            return AuthenticateResult.Fail(e.Refusal.Code);
        }
        if (signedIn is null)
        {
            return AuthenticateResult.Fail("The session has ended.");
        }
        if (wasExtended && signedIn.IsPersistent)
        {
            SetCookie(key, isPersistent: true);
        }
        Context.Features.Set(signedIn);
        Context.Features.Set(new Identified(signedIn.ToCaller(), signedIn.Language));
        return AuthenticateResult.Success(new AuthenticationTicket(Principal(signedIn.UserId, signedIn.Username, signedIn.IsAdmin), Scheme.Name));
    }

    protected override async Task HandleSignInAsync(ClaimsPrincipal user, AuthenticationProperties? properties)
    {
        // A new key at every sign-in: a key somebody else may know never becomes another user's.
        await EndCurrentAsync();
        var userId = long.Parse(user.FindFirstValue(ClaimTypes.NameIdentifier) ?? "", CultureInfo.InvariantCulture);
        var isPersistent = properties?.IsPersistent ?? false;
        SetCookie(await store.BeginAsync(userId, isPersistent, Request.Headers.UserAgent.ToString(), Context.RequestAborted, NetworkName.Of(Context.Connection.RemoteIpAddress)), isPersistent);
    }

    protected override async Task HandleSignOutAsync(AuthenticationProperties? properties)
    {
        await EndCurrentAsync();
        Response.Cookies.Delete(AccountCookie.Name(Request, CookieName), AccountCookie.Options(Request));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if ((HttpMethods.IsGet(Request.Method) || HttpMethods.IsHead(Request.Method)) && !ProgramPaths.Take(Request.Path))
        {
            Response.Redirect(LoginRedirect.Url(Context));
        }
        else
        {
            Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        return Task.CompletedTask;
    }

    // Not yours and not there are the same answer.
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    /// <summary>The identity that <see cref="SignInAuthenticationHandler{TOptions}"/> and antiforgery see.</summary>
    public static ClaimsPrincipal Principal(long userId, string username, bool isAdmin)
    {
        var identity = new ClaimsIdentity(SchemeName);
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, userId.ToString(CultureInfo.InvariantCulture)));
        identity.AddClaim(new Claim(ClaimTypes.Name, username));
        if (isAdmin)
        {
            identity.AddClaim(new Claim(ClaimTypes.Role, Administrator));
        }
        return new ClaimsPrincipal(identity);
    }

    private async Task EndCurrentAsync()
    {
        if (Context.Features.Get<SignedIn>() is { } current)
        {
            // Once begun it is finished, even if the browser has gone.
            await store.EndAsync(current.UserId, current.SessionId, CancellationToken.None);
            Context.Features.Set<SignedIn>(null);
            Context.Features.Set<Identified>(null);
        }
    }

    private void SetCookie(string key, bool isPersistent) =>
        Response.Cookies.Append(AccountCookie.Name(Request, CookieName), key, AccountCookie.Options(Request, isPersistent ? SessionLifetime.Idle(isPersistent: true) : null));
}

/// <summary>How this feature's cookies are written.</summary>
internal static class AccountCookie
{
    /// <summary>Over HTTPS with the prefix that keeps neighbours on the same domain from planting one.</summary>
    public static string Name(HttpRequest request, string name) => request.IsHttps ? "__Host-" + name : name;

    /// <param name="request">Decides whether the cookie is for HTTPS only.</param>
    /// <param name="lifetime">Null: until the browser is closed.</param>
    public static CookieOptions Options(HttpRequest request, TimeSpan? lifetime = null) => new()
    {
        HttpOnly = true,
        IsEssential = true,
        MaxAge = lifetime,
        Path = "/",
        SameSite = SameSiteMode.Lax,
        Secure = request.IsHttps,
    };
}
