using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Teahouse.Accounts;
using Teahouse.Rooms;
using Teahouse.Web;

namespace Teahouse.Projects;

/// <summary><c>/projects/new/</c>: a new project.</summary>
public sealed class CreateProjectPage(CreateProject create, IStringLocalizer<RefusalText> refusals) : PageModel
{
    public IActionResult OnGet() => HttpContext.GetCaller().IsUser ? Page() : LoginRedirect.To(HttpContext);

    public async Task<IActionResult> OnPostAsync(string? title, string? description, string? slug, CancellationToken ct)
    {
        var caller = HttpContext.GetCaller();
        if (!caller.IsUser)
        {
            return LoginRedirect.To(HttpContext);
        }
        try
        {
            var project = await create.ExecuteAsync(caller, new CreateProjectInput(title, description, slug), ct);
            return new SeeOtherResult(project.Address);
        }
        catch (RefusedException e) when (e.Refusal.Status is 400 or 409)
        {
            ModelState.Add(e, refusals);
            Response.StatusCode = e.Refusal.Status;
            return Page();
        }
    }
}
