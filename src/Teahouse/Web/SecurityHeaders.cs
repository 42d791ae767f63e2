namespace Teahouse.Web;

/// <summary>The headers every answer carries (SPEC 8).</summary>
internal static class SecurityHeaders
{
    // Scripts, styles and pictures of this site only; nothing inline, nothing evaluated, no frames around it or in it.
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    public static void UseSecurityHeaders(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        Promise(context);
        return next(context);
    });

    /// <summary>For an answer that is given before anything else is asked.</summary>
    public static void Promise(HttpContext context) =>
        // At the last moment: an error page begins by clearing every header.
        context.Response.OnStarting(static state =>
        {
            Set(((HttpContext)state).Response.Headers);
            return Task.CompletedTask;
        }, context);

    private static void Set(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";
        // For what may still frame pages by the older rule.
        headers.XFrameOptions = "DENY";
        if (headers.CacheControl.Count == 0)
        {
            // Pages and API answers are one person's; static files say otherwise themselves.
            headers.CacheControl = "no-store";
        }
    }
}
