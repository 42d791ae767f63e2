using Microsoft.AspNetCore.Mvc;
using Teahouse.Web;

namespace Teahouse.Accounts;

/// <summary>The way to the login page and back.</summary>
public static class LoginRedirect
{
    public const string Path = "/login/";

    /// <summary>To the login page, which returns to the page asked for.</summary>
    public static LocalRedirectResult To(HttpContext context) => new(Url(context));

    /// <summary>The address <see cref="To"/> leads to.</summary>
    public static string Url(HttpContext context) =>
        $"{Path}?next={Uri.EscapeDataString(context.Request.Path + context.Request.QueryString)}";

    /// <summary>The local path in a form's or query's <c>next</c>, or <c>/</c> for anything that could lead to another site.</summary>
    public static string Target(string? next) => next is not null && IsLocal(next) ? SeeOtherResult.Escape(next) : "/";

    // A browser reads \ as / and drops tabs and line breaks, so /\host and /<tab>/host lead away just like //host.
    private static bool IsLocal(string path) =>
        path.Length > 0 && path[0] == '/'
        && !(path.Length > 1 && path[1] is '/' or '\\')
        && !path.Any(char.IsControl)
        && !path.Contains('\\', StringComparison.Ordinal);
}
