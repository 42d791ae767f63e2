using Microsoft.AspNetCore.Authentication;

namespace Teahouse.Accounts;

/// <summary>The browser's side of signing in.</summary>
internal static class SignInExtensions
{
    /// <summary>Begins a session for this browser; one that it has already ends.</summary>
    /// <param name="context">The request of the login form.</param>
    /// <param name="user">Whose password was right, or whose account was just made.</param>
    /// <param name="isPersistent">Whether it outlives the browser.</param>
    public static Task SignInAsync(this HttpContext context, User user, bool isPersistent = false) =>
        context.SignInAsync(SessionHandler.SchemeName, SessionHandler.Principal(user.Id, user.Username, user.IsAdmin),
            new AuthenticationProperties { IsPersistent = isPersistent });
}
