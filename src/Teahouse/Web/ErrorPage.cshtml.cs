using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace Teahouse.Web;

/// <summary>What people see instead of a page that could not be shown; reached by re-execution only.</summary>
[IgnoreAntiforgeryToken]
public sealed class ErrorPage : PageModel
{
    public int Status { get; private set; }

    /// <summary>What happened and what to do, in the reader's language.</summary>
    public string Explanation { get; private set; } = "";

    /// <summary>For whatever method the failed request had. Opened by its address, it is a page that does not exist.</summary>
    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context)
    {
        var problems = HttpContext.RequestServices.GetRequiredService<Problems>();
        var problem = problems.Describe(HttpContext.Features.Get<IExceptionHandlerFeature>()?.Error,
            HttpContext.Features.Get<IStatusCodeReExecuteFeature>()?.OriginalStatusCode ?? StatusCodes.Status404NotFound);
        Status = problem.Status;
        Explanation = problem.Title;
        Response.StatusCode = problem.Status;
        Problems.SetRetryAfter(HttpContext, problem);
        // At once: the framework would answer OPTIONS with a bare 200.
        context.Result = Page();
    }

    public void OnGet()
    {
    }
}
