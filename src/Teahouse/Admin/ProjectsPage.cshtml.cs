using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Teahouse.Projects;

namespace Teahouse.Admin;

/// <summary><c>/admin/projects/</c>: all projects. Changing one, or giving it to somebody, is done on its own pages.</summary>
public sealed class ProjectsPage(IServiceProvider services) : AdminListPage<ProjectAdminRow>
{
    public override string Path => "/admin/projects/";

    protected override string Prefix => "Projects";

    internal static readonly string[] Owned = ["yes", "no"];

    protected override IReadOnlyList<AdminAct> Acts => [new("delete", DeleteAsync) { IsDanger = true }];

    private ProjectAdminQueries Queries => services.GetRequiredService<ProjectAdminQueries>();

    public Task<IActionResult> OnGetAsync(CancellationToken ct) =>
        ShowAsync((cut, cancel) => Queries.ListAsync(Asks("q"), Asks("owned", Owned), cut, cancel), project => project.Id, (["id", "slug", "title", "owner", "chats", "created_at", "updated_at"], CellsOf), ct);

    protected override async Task<IReadOnlyList<AdminThing>> FindAsync(IReadOnlyCollection<long> ids, CancellationToken ct) =>
        [.. (await Queries.ListAsync(ids, ct)).Select(project => new AdminThing(project.Id, project.Title))];

    private async Task<bool> DeleteAsync(AdminThing thing, CancellationToken ct)
    {
        if (await Queries.ListAsync([thing.Id], ct) is not [var project])
        {
            return false;
        }
        // Its title stood in the question.
        await services.GetRequiredService<DeleteProject>().ExecuteAsync(Caller, project.Slug, project.Slug, ct);
        return true;
    }

    private static string[] CellsOf(ProjectAdminRow project) =>
    [
        project.Id.ToString(CultureInfo.InvariantCulture), project.Slug, project.Title, project.Owner ?? "", project.Chats.ToString(CultureInfo.InvariantCulture), CsvTime.Of(project.CreatedAt), CsvTime.Of(project.UpdatedAt),
    ];
}
