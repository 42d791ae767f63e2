using System.Globalization;
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

    /// <summary>For whatever method the failed request had.</summary>
    public override void OnPageHandlerExecuting(PageHandlerExecutingContext context) =>
        Show(int.TryParse(RouteData.Values["status"] as string, NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : null);

    public void OnGet()
    {
    }

    private void Show(int? status)
    {
        var problems = HttpContext.RequestServices.GetRequiredService<Problems>();
        var problem = problems.Describe(HttpContext.Features.Get<IExceptionHandlerFeature>()?.Error, status ?? StatusCodes.Status404NotFound);
        Status = problem.Status;
        Explanation = problem.Title;
        Response.StatusCode = problem.Status;
        Problems.SetRetryAfter(HttpContext, problem);
    }
}
