using Microsoft.AspNetCore.Antiforgery;

namespace Teahouse.Accounts;

/// <summary>What holds for every address for programs, so that no route can forget it: a call for users is theirs alone, a token that may only read changes nothing, and a browser's own identity
/// changes nothing without the request token of a page. Pages have their own check.</summary>
internal sealed class RequestGuard(RequestDelegate next, IAntiforgery antiforgery)
{
    public async Task InvokeAsync(HttpContext context)
    {
        ApiChecks.RequireIdentity(context);
        var method = context.Request.Method;
        // Sockets say what they want in frames, and have their own rule for where they come from; webhooks are known by their secret alone.
        if (!HttpMethods.IsGet(method) && !HttpMethods.IsHead(method) && !HttpMethods.IsOptions(method)
            && !IsOtherMethod(context) && Web.ProgramPaths.Take(context.Request.Path) && !context.Request.Path.StartsWithSegments("/ws") && !context.Request.Path.StartsWithSegments("/hooks") && !Web.Problems.IsBeingExplained(context))
        {
            var caller = context.GetCaller();
            caller.Require(TokenScope.Write);
            if (caller.IsAmbient && !await antiforgery.IsRequestValidAsync(context))
            {
                throw new RefusedException(Refusal.Forged);
            }
        }
        await next(context);
    }

    // The framework's own answer 405, which does nothing, is the one endpoint of which nothing is known.
    private static bool IsOtherMethod(HttpContext context) => context.GetEndpoint() is { Metadata.Count: 0 };
}
