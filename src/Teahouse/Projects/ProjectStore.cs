using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Projects;

/// <summary>All SQL that writes <c>projects</c> and <c>project_chats</c>. Stateless; every method runs in its caller's transaction.</summary>
public sealed class ProjectStore
{
    private const string Insert = """
        INSERT INTO projects (slug, title, description, search_key, owner_id, created_at, updated_at)
        VALUES (@slug, @title, @description, @searchKey, @ownerId, @at, @at)
        ON CONFLICT (slug) DO NOTHING
        RETURNING id
        """;

    // Changes nothing, but on PostgreSQL holds the row against everybody else who would change the project or its chats.
    private const string Lock = "UPDATE projects SET slug = slug WHERE slug = @slug";

    private const string UpdateTexts = """
        UPDATE projects
        SET title = @title, description = @description, search_key = @searchKey, updated_at = @at
        WHERE id = @projectId
        """;

    private const string UpdateOwner = "UPDATE projects SET owner_id = @ownerId, updated_at = @at WHERE id = @projectId";

    private const string Delete = "DELETE FROM projects WHERE id = @projectId";

    private const string InsertChat = """
        INSERT INTO project_chats (room_id, project_id, visitor_id)
        VALUES (@roomId, @projectId, @visitorId)
        """;

    private const string DeleteChat = "DELETE FROM project_chats WHERE room_id = @roomId";

    private const string UpdateVisitor = "UPDATE project_chats SET visitor_id = @visitorId WHERE room_id = @roomId";

    /// <summary>Returns false when the slug is taken.</summary>
    public async Task<bool> InsertAsync(DbSession session, string slug, string title, string description, long? ownerId, DateTimeOffset at) =>
        await session.FindAsync<long?>(Insert, new { slug, title, description, searchKey = RoomName.SearchKey(slug, title, description), ownerId, at }) is not null;

    /// <summary>Keeps the project and its chats as they are until the transaction ends. Returns false when there is none.</summary>
    public async Task<bool> LockAsync(DbSession session, string slug) => await session.ExecuteAsync(Lock, new { slug }) == 1;

    public Task UpdateAsync(DbSession session, Project project, DateTimeOffset at) => session.ExecuteAsync(UpdateTexts, new
    {
        projectId = project.Id,
        title = project.Title,
        description = project.Description,
        searchKey = RoomName.SearchKey(project.Slug, project.Title, project.Description),
        at,
    });

    public Task SetOwnerAsync(DbSession session, long projectId, long ownerId, DateTimeOffset at) => session.ExecuteAsync(UpdateOwner, new { projectId, ownerId, at });

    /// <summary>Deletes the project itself; its rooms are deleted by the store of rooms.</summary>
    public Task DeleteAsync(DbSession session, long projectId) => session.ExecuteAsync(Delete, new { projectId });

    public Task AddChatAsync(DbSession session, long roomId, long projectId, long visitorId) => session.ExecuteAsync(InsertChat, new { roomId, projectId, visitorId });

    /// <summary>The room is no chat of the project any more.</summary>
    public Task RemoveChatAsync(DbSession session, long roomId) => session.ExecuteAsync(DeleteChat, new { roomId });

    /// <summary>Makes the chat that of another visitor, or of none.</summary>
    public Task SetVisitorAsync(DbSession session, long roomId, long? visitorId) => session.ExecuteAsync(UpdateVisitor, new { roomId, visitorId });
}
