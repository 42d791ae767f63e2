using System.Text;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Projects;

/// <summary>Deletes a project with its chats and their messages, for ever. Thread-safe.</summary>
public sealed class DeleteProject(ProjectAccess access, ProjectStore store, ProjectChatQueries chats, RoomStore rooms, RoomEvictions evictions, TimeProvider time)
{
    /// <summary>Chats deleted in one transaction, so that it holds nobody up.</summary>
    private const int Batch = 50;

    /// <summary>A project of few chats goes in one piece; of many, the project itself goes last: should the program end in between, it is there with fewer chats, and can be deleted again.</summary>
    /// <param name="caller">Its owner or an administrator.</param>
    /// <param name="slug">Which project.</param>
    /// <param name="typedName">The project's title as typed to confirm, or its slug.</param>
    /// <param name="ct">Honoured until the work begins.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchProject"/>, <see cref="Refusal.TypedNameDiffers"/>.</exception>
    public async Task ExecuteAsync(Caller caller, string slug, string? typedName, CancellationToken ct)
    {
        var isDone = false;
        while (!isDone)
        {
            await access.ChangeAsync(caller, slug, async (session, project) => isDone = await DeleteSomeAsync(session, caller, project, (typedName ?? "").Trim()), ct);
            ct = CancellationToken.None;
        }
    }

    /// <summary>Returns true when the project is gone.</summary>
    private async Task<bool> DeleteSomeAsync(DbSession session, Caller caller, Project project, string typed)
    {
        if (!IsSame(typed, project.Title) && !IsSame(typed, project.Slug))
        {
            throw new RefusedException(Refusal.TypedNameDiffers);
        }
        var at = time.GetUtcNow();
        var some = await chats.ListSomeAsync(session, project.Id, Batch);
        foreach (var chat in some)
        {
            await store.RemoveChatAsync(session, chat.RoomId);
            await rooms.DeleteAsync(session, chat.RoomId, at);
            await evictions.PutOutAllAsync(session, chat.Room);
        }
        if (some.Count == Batch)
        {
            return false;
        }
        await store.DeleteAsync(session, project.Id);
        await AuditLog.AddAsync(session, at, caller, "project_deleted", project.Slug, project.Title);
        return true;
    }

    private static bool IsSame(string typed, string name)
    {
        try
        {
            return string.Equals(typed.Normalize(NormalizationForm.FormC), name.Normalize(NormalizationForm.FormC), StringComparison.OrdinalIgnoreCase);
        }
        catch (ArgumentException)
        {
            // A lone surrogate has no normal form.
            return false;
        }
    }
}
