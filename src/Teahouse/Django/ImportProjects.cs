using System.Globalization;
using Teahouse.Projects;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Django;

/// <summary>Takes the projects of a Django site, without their chats.</summary>
internal sealed class ImportProjects(Db db, ProjectStore store, ProjectQueries queries, TimeProvider clock)
{
    /// <summary>Returns what is here of the site's projects, by their ids there.</summary>
    public async Task<Dictionary<long, Project>> ExecuteAsync(DjangoFile file, IReadOnlyDictionary<long, OldAuthor> authors, ImportReport report, CancellationToken ct)
    {
        Dictionary<long, Project> projects = [];
        HashSet<string> given = new(StringComparer.Ordinal);
        foreach (var old in file.ListProjects())
        {
            var key = old.Id.ToString(CultureInfo.InvariantCulture);
            if (await db.ReadAsync(session => ImportStore.FindAsync(session, report.Source, ImportStore.Project, key), ct) is { } known)
            {
                if (await db.ReadAsync(session => queries.FindByIdAsync(session, known.NewId), ct) is { } there)
                {
                    projects[old.Id] = there;
                }
                else
                {
                    report.Note("gone", $"not taken: project {old.Slug}: it was deleted here since it was imported");
                }
                continue;
            }
            var slug = await ChooseSlugAsync(old, given, ct);
            given.Add(slug);
            if (slug != old.Slug)
            {
                report.Note("slug", $"project {old.Slug}: imported as {slug}");
            }
            report.Projects++;
            var project = Convert(old, slug, authors, report);
            projects[old.Id] = report.DryRun ? project : await db.WriteAsync(session => StoreAsync(session, report.Source, key, project), ct);
        }
        return projects;
    }

    private async Task<Project> StoreAsync(DbSession session, string source, string key, Project project)
    {
        if (!await store.InsertAsync(session, project.Slug, project.Title, project.Description, project.OwnerId, project.CreatedAt)
            || await queries.FindAsync(session, project.Slug) is not { } stored)
        {
            throw new RefusedException(Refusal.SlugTaken);
        }
        await ImportStore.SaveAsync(session, source, ImportStore.Project, key, stored.Id);
        return stored;
    }

    private Project Convert(OldProject old, string slug, IReadOnlyDictionary<long, OldAuthor> authors, ImportReport report)
    {
        var owner = old.OwnerId is { } id ? authors.GetValueOrDefault(id) : null;
        if (owner is null)
        {
            report.Note("owner", $"project {slug}: its proposer is not in the file; an administrator may give it to somebody");
        }
        var title = VisibleText.Line(string.Concat(old.Title.Trim().EnumerateRunes().Take(RoomInput.MaxTitle)), RoomInput.MaxTitle) is { Length: > 0 } line ? line : slug;
        if (title != old.Title.Trim())
        {
            report.Note("title", $"project {slug}: its title is too long or not allowed here; it is called {title}");
        }
        string description;
        try
        {
            description = ProjectInput.Description(old.Description);
        }
        catch (RefusedException)
        {
            description = "";
            report.Note("description", $"project {slug}: its description is too long or not allowed here; left out");
        }
        var now = clock.GetUtcNow();
        if (old.CreatedAt is null || old.CreatedAt > now)
        {
            report.Note("created_at", old.CreatedAt is null ? $"project {slug}: when it was made there can't be read; taken as 1970-01-01" : $"project {slug}: was made in the future there; taken as now");
        }
        var at = old.CreatedAt is { } made ? made < now ? made : now : DateTimeOffset.UnixEpoch;
        return new Project { Id = -old.Id, Slug = slug, Title = title, Description = description, OwnerId = owner?.Id, CreatedAt = at, UpdatedAt = at };
    }

    private async Task<string> ChooseSlugAsync(OldProject old, HashSet<string> given, CancellationToken ct)
    {
        var candidates = ProjectSlug.TryParse(old.Slug, out var slug) && !ProjectSlug.IsReserved(slug) ? ProjectSlug.For(slug).Prepend(slug) : ProjectSlug.For(old.Slug.Length > 0 ? old.Slug : old.Title);
        foreach (var candidate in candidates)
        {
            if (!given.Contains(candidate) && await db.ReadAsync(session => queries.FindAsync(session, candidate), ct) is null)
            {
                return candidate;
            }
        }
        throw new InvalidOperationException("There is no end of slugs.");
    }
}
