using Microsoft.AspNetCore.Mvc;
using Teahouse.Accounts;

namespace Teahouse.Sinks;

/// <summary>Tells administrators on every page which sinks are paused; nothing to everybody else, and when none is.</summary>
[ViewComponent(Name = "PausedSinks")]
public sealed class PausedSinksComponent(SinkQueries queries) : ViewComponent
{
    public async Task<IViewComponentResult> InvokeAsync()
    {
        if (!HttpContext.GetCaller().IsAdmin)
        {
            return Content("");
        }
        var names = await queries.ListPausedAsync(HttpContext.RequestAborted);
        return names.Count == 0 ? Content("") : View("/Sinks/_PausedSinks.cshtml", names);
    }
}
