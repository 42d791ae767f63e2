using Teahouse.Storage;

namespace Teahouse.Projects;

/// <param name="Title">Of one line.</param>
/// <param name="Description">May be empty.</param>
/// <param name="Slug">Null or empty: made from the title.</param>
public sealed record CreateProjectInput(string? Title, string? Description, string? Slug);

/// <summary>Makes a project owned by its maker. Thread-safe.</summary>
public sealed class CreateProject(Db db, ProjectStore store, ProjectQueries queries, TimeProvider time)
{
    /// <exception cref="RefusedException"><see cref="Refusal.SignInFirst"/>, <see cref="Refusal.BadTitle"/>, <see cref="Refusal.BadDescription"/>, <see cref="Refusal.BadSlug"/>,
    /// <see cref="Refusal.SlugTaken"/>.</exception>
    public async Task<Project> ExecuteAsync(Caller caller, CreateProjectInput input, CancellationToken ct)
    {
        if (caller.UserId is not { } ownerId)
        {
            throw new RefusedException(Refusal.SignInFirst);
        }
        var title = ProjectInput.Title(input.Title);
        var description = ProjectInput.Description(input.Description);
        var wanted = ProjectInput.Slug(input.Slug);
        return await db.WriteAsync(async session =>
        {
            foreach (var slug in wanted is null ? ProjectSlug.For(title) : [wanted])
            {
                if (await store.InsertAsync(session, slug, title, description, ownerId, time.GetUtcNow()))
                {
                    return await queries.FindAsync(session, slug) ?? throw new InvalidOperationException("A project just made is there.");
                }
            }
            throw new RefusedException(Refusal.SlugTaken);
        }, ct);
    }
}
