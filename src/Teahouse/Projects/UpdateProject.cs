using Teahouse.Messages;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Projects;

/// <param name="Title">Null: as it is.</param>
/// <param name="Description">Null: as it is.</param>
public sealed record UpdateProjectInput(string? Title, string? Description);

/// <summary>Changes what a project says of itself; its slug stays. Thread-safe.</summary>
public sealed class UpdateProject(ProjectAccess access, ProjectStore store, ProjectChatQueries chats, RoomStore rooms, RoomQueries roomQueries, MessagePublisher publisher, TimeProvider time)
{
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchProject"/>, <see cref="Refusal.BadTitle"/>, <see cref="Refusal.BadDescription"/>.</exception>
    public Task ExecuteAsync(Caller caller, string slug, UpdateProjectInput input, CancellationToken ct)
    {
        var title = input.Title is null ? null : ProjectInput.Title(input.Title);
        var description = input.Description is null ? null : ProjectInput.Description(input.Description);
        return access.ChangeAsync(caller, slug, async (session, before) =>
        {
            var after = before with { Title = title ?? before.Title, Description = description ?? before.Description };
            await store.UpdateAsync(session, after, time.GetUtcNow());
            if (after.Title != before.Title)
            {
                await RenameChatsAsync(session, after);
            }
        }, ct);
    }

    /// <summary>A chat bears its project's title; nothing happened in it that its readers would want to read of.</summary>
    private async Task RenameChatsAsync(DbSession session, Project project)
    {
        foreach (var chat in await chats.ListAllAsync(session, project.Id))
        {
            if (await roomQueries.FindAsync(session, chat.Room) is { } room)
            {
                var renamed = room with { Title = project.Title };
                await rooms.UpdateAsync(session, renamed);
                session.AfterCommit(() => publisher.Enqueue(renamed.FeedTopic, V1Frames.Room(renamed, renamed.IsArchived)));
            }
        }
    }
}
