using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Teahouse.Accounts;
using Teahouse.Rooms;
using Teahouse.Web;

namespace Teahouse.Projects;

/// <summary><c>/projects/&lt;slug&gt;/edit/</c>: what the project says of itself, and, by <c>act</c>, giving it to somebody else.</summary>
public sealed class EditProjectPage(ProjectDoor door, UpdateProject update, GiveProject give, IStringLocalizer<RefusalText> refusals) : PageModel
{
    /// <summary>Set by every handler that renders the page.</summary>
    public Project Project { get; private set; } = null!;

    [TempData]
    public bool Saved { get; set; }

    public async Task<IActionResult> OnGetAsync(string slug, CancellationToken ct)
    {
        var (project, answer) = await door.ChangeAsync(HttpContext, slug, ct);
        return project is null ? answer : Show(project);
    }

    public async Task<IActionResult> OnPostAsync(string slug, EditProjectForm form, CancellationToken ct)
    {
        var (project, answer) = await door.ChangeAsync(HttpContext, slug, ct);
        if (project is null)
        {
            return answer;
        }
        try
        {
            var caller = HttpContext.GetCaller();
            if (form.Act == "give")
            {
                if (form.Confirm is null)
                {
                    throw new RefusedException(Refusal.NotConfirmed);
                }
                await give.ExecuteAsync(caller, slug, form.Username, ct);
            }
            else
            {
                // A field left empty in a form is empty, not left out.
                await update.ExecuteAsync(caller, slug, new UpdateProjectInput(form.Title ?? "", form.Description ?? ""), ct);
            }
        }
        catch (RefusedException e) when (e.Refusal.Status is 400 or 409 || e.Refusal == Refusal.NoSuchUser)
        {
            ModelState.Add(e, refusals);
            Response.StatusCode = e.Refusal.Status;
            return Show(project);
        }
        Saved = true;
        return new SeeOtherResult(project.Address);
    }

    private PageResult Show(Project project)
    {
        Project = project;
        return Page();
    }
}

/// <summary>The fields of both forms of the page.</summary>
public sealed record EditProjectForm
{
    public string? Act { get; init; }
    public string? Title { get; init; }
    public string? Description { get; init; }
    public string? Username { get; init; }

    /// <summary>Sent when the box is ticked.</summary>
    public string? Confirm { get; init; }
}
