using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Core.Infrastructure;
using Microsoft.AspNetCore.Mvc.Filters;

namespace Teahouse.Web;

/// <summary>A missing or wrong CSRF token is 403, as in the systems before; the framework's own answer would be 400.</summary>
internal sealed class ForbidForgedForms : IAlwaysRunResultFilter
{
    public void OnResultExecuting(ResultExecutingContext context)
    {
        if (context.Result is IAntiforgeryValidationFailedResult)
        {
            context.Result = new StatusCodeResult(StatusCodes.Status403Forbidden);
        }
    }

    public void OnResultExecuted(ResultExecutedContext context)
    {
    }
}
