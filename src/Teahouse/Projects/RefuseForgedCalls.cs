using Microsoft.AspNetCore.Antiforgery;
using Teahouse.Accounts;

namespace Teahouse.Projects;

/// <summary>A browser's cookie changes nothing without the request token of a page: 403.</summary>
internal sealed class RefuseForgedCalls(IAntiforgery antiforgery) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext;
        return HttpMethods.IsGet(request.Request.Method) || !request.GetCaller().IsUser || await antiforgery.IsRequestValidAsync(request)
            ? await next(context)
            : throw new RefusedException(Refusal.Forbidden);
    }
}
