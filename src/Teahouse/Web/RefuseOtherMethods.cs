using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;

namespace Teahouse.Web;

/// <summary>405 for a method a page has no handler for; the framework would render the page without having filled it.</summary>
internal sealed class RefuseOtherMethods : IPageFilter
{
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
