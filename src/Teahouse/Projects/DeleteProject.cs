using System.Text;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Projects;

/// <summary>Deletes a project with its chats and their messages, for ever. Thread-safe.</summary>
public sealed class DeleteProject(ProjectAccess access, ProjectStore store, ProjectChatQueries chats, RoomStore rooms, RoomEvictions evictions, TimeProvider time)
{
    /// <param name="caller">Its owner or an administrator.</param>
    /// <param name="slug">Which project.</param>
    /// <param name="typedName">The project's title as typed to confirm, or its slug.</param>
    /// <param name="ct">Honoured until the work begins.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchProject"/>, <see cref="Refusal.TypedNameDiffers"/>.</exception>
    public Task ExecuteAsync(Caller caller, string slug, string? typedName, CancellationToken ct) => access.ChangeAsync(caller, slug, async (session, project) =>
    {
        var typed = (typedName ?? "").Trim();
        if (!IsSame(typed, project.Title) && !IsSame(typed, project.Slug))
        {
            throw new RefusedException(Refusal.TypedNameDiffers);
        }
        foreach (var chat in await chats.ListAllAsync(session, project.Id))
        {
            await rooms.DeleteAsync(session, chat.RoomId);
            await evictions.PutOutAllAsync(session, chat.Room);
        }
        await store.DeleteAsync(session, project.Id);
        await AuditLog.AddAsync(session, time.GetUtcNow(), caller, "project_deleted", project.Slug, project.Title);
    }, ct);

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
