using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Teahouse.Accounts;
using Teahouse.Web;

namespace Teahouse.Projects;

/// <summary><c>/projects/&lt;slug&gt;/delete/</c>: deletes a project once its title was typed.</summary>
public sealed class DeleteProjectPage(ProjectDoor door, DeleteProject delete, IStringLocalizer<ProjectsText> texts) : PageModel
{
    /// <summary>Set by every handler that renders the page.</summary>
    public Project Project { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(string slug, CancellationToken ct)
    {
        var (project, answer) = await door.ChangeAsync(HttpContext, slug, ct);
        return project is null ? answer : Show(project);
    }

    public async Task<IActionResult> OnPostAsync(string slug, [FromForm(Name = "typed_name")] string? typedName, CancellationToken ct)
    {
        var (project, answer) = await door.ChangeAsync(HttpContext, slug, ct);
        if (project is null)
        {
            return answer;
        }
        try
        {
            await delete.ExecuteAsync(HttpContext.GetCaller(), slug, typedName, ct);
            return new SeeOtherResult("/projects/");
        }
        catch (RefusedException e) when (e.Refusal == Refusal.TypedNameDiffers)
        {
            ModelState.AddModelError("typed_name", texts["Delete.Differs"]);
            Response.StatusCode = e.Refusal.Status;
            return Show(project);
        }
    }

    private PageResult Show(Project project)
    {
        Project = project;
        return Page();
    }
}
