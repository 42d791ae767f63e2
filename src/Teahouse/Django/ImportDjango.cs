using Teahouse.Projects;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Django;

/// <param name="Path">The file.</param>
/// <param name="Zone">Of times that the site kept without an offset; UTC where it had <c>USE_TZ</c>.</param>
/// <param name="DryRun">Look and tell only.</param>
/// <param name="Merges">Accounts made here are the people of the same name there.</param>
internal sealed record ImportDjangoInput(string Path, TimeZoneInfo Zone, bool DryRun, bool Merges);

/// <summary>Takes accounts, projects, rooms and messages from the database of one of the older systems. Each room is one transaction: broken off, it is gone on with by doing it again.</summary>
internal sealed class ImportDjango(Db db, FindSite find, ImportUsers users, ImportProjects importProjects, ImportRoom room, TimeProvider clock)
{
    /// <param name="input">What to import.</param>
    /// <param name="actor">For the audit log.</param>
    /// <param name="progress">How many rooms of how many are done.</param>
    /// <param name="ct">Gives up between two rooms.</param>
    /// <exception cref="ImportException">The file is none that can be imported.</exception>
    /// <exception cref="RefusedException">Somebody took a name in the very moment, or the database is busy: to be done again.</exception>
    public async Task<ImportReport> ExecuteAsync(ImportDjangoInput input, string actor, Action<long, long> progress, CancellationToken ct)
    {
        using var file = new DjangoFile(input.Path, input.Zone);
        var people = file.ListUsers();
        var report = new ImportReport { Source = await find.ExecuteAsync(file, people, ct), DryRun = input.DryRun, Systems = [.. Systems(file)] };
        var authors = await users.ExecuteAsync(people, input.Merges, report, ct);
        var targets = ListTargets(file, authors, report, file.HasChats ? await importProjects.ExecuteAsync(file, authors, report, ct) : []);
        for (var done = 0; done < targets.Count; done++)
        {
            progress(done, targets.Count);
            await room.ExecuteAsync(file, targets[done], authors, report, ct);
        }
        progress(targets.Count, targets.Count);
        if (!input.DryRun)
        {
            await db.WriteAsync(session => AuditLog.AddAsync(session, clock.GetUtcNow(), actor, "django_imported", report.Source,
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"accounts {report.UsersNew}, rooms {report.RoomsNew}, messages {report.Messages}")), ct);
        }
        return report;
    }

    private static IEnumerable<string> Systems(DjangoFile file)
    {
        if (file.HasChats)
        {
            yield return "project chats (system A)";
        }
        if (file.HasNamedRooms)
        {
            yield return "open rooms (system B)";
        }
        if (file.HasOwnedRooms)
        {
            yield return "members' rooms (system E)";
        }
    }

    private static List<RoomTarget> ListTargets(DjangoFile file, Dictionary<long, OldAuthor> authors, ImportReport report, Dictionary<long, Project> projects)
    {
        List<RoomTarget> targets = [];
        if (file.HasOwnedRooms)
        {
            targets.AddRange(file.ListOwnedRooms().Select(old => new RoomTarget(ImportStore.OwnedRoom, "chat_message", [old]) { OwnerId = Find(authors, old.OwnerId) }));
        }
        if (file.HasNamedRooms)
        {
            // Names are one without regard to case here.
            foreach (var same in file.ListNamedRooms().GroupBy(old => RoomName.Key(old.Name), StringComparer.Ordinal))
            {
                if (same.Count() > 1)
                {
                    report.Note("case", $"rooms {string.Join(", ", same.Select(old => old.Name))}: one room here, where names are the same without regard to case");
                }
                targets.Add(new RoomTarget(ImportStore.NamedRoom, "chat_chatmessage", [.. same]));
            }
        }
        if (file.HasChats)
        {
            targets.AddRange(ListChats(file, authors, report, projects));
        }
        return targets;
    }

    private static IEnumerable<RoomTarget> ListChats(DjangoFile file, Dictionary<long, OldAuthor> authors, ImportReport report, Dictionary<long, Project> projects)
    {
        foreach (var same in file.ListChats().GroupBy(old => (old.ProjectId, old.VisitorId)))
        {
            var (project, visitorId) = (same.Key.ProjectId is { } id ? projects.GetValueOrDefault(id) : null, Find(authors, same.Key.VisitorId));
            var why = project is null ? "its project was not taken"
                : visitorId is null ? "its visitor is not in the file"
                : visitorId == project.OwnerId ? "its visitor is the project's own proposer"
                : null;
            if (why is not null)
            {
                foreach (var old in same)
                {
                    report.Note("chat", $"not taken: chat {old.Key}, {file.ListChatMessages(old.Key).Count} messages: {why}");
                }
                continue;
            }
            yield return new RoomTarget(ImportStore.Chat, "chats_message", [.. same]) { Project = project, OwnerId = project?.OwnerId, VisitorId = visitorId };
        }
    }

    private static long? Find(Dictionary<long, OldAuthor> authors, long? oldId) => oldId is { } id ? authors.GetValueOrDefault(id)?.Id : null;
}
