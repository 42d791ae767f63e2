using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Teahouse.Web;

/// <summary>405 for a method a page has no handler for; the framework would ask for a form's token first, or render the page without having filled it.</summary>
internal sealed class RefuseOtherMethods : IAuthorizationFilter, IPageFilter
{
    /// <summary>Before the form's token is looked at: a method that is never taken needs none.</summary>
    public void OnAuthorization(AuthorizationFilterContext context)
    {
        if (context.ActionDescriptor is not CompiledPageActionDescriptor { HandlerMethods: { } handlers } || Problems.IsBeingExplained(context.HttpContext))
        {
            return;
        }
        var allowed = handlers.Select(handler => handler.HttpMethod.ToUpperInvariant()).Distinct().ToList();
        if (allowed.Contains(HttpMethods.Get))
        {
            allowed.Add(HttpMethods.Head);
        }
        if (!allowed.Contains(context.HttpContext.Request.Method))
        {
            context.HttpContext.Response.Headers.Allow = string.Join(", ", allowed);
            context.Result = new StatusCodeResult(StatusCodes.Status405MethodNotAllowed);
        }
    }

    public void OnPageHandlerSelected(PageHandlerSelectedContext context)
    {
    }

    public void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        // The error page answers for whatever method has failed.
        if (context.HandlerMethod is null && !Problems.IsBeingExplained(context.HttpContext))
        {
            context.Result = new StatusCodeResult(StatusCodes.Status405MethodNotAllowed);
        }
    }

    public void OnPageHandlerExecuted(PageHandlerExecutedContext context)
    {
    }
}
