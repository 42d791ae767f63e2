using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Projects;

/// <summary>The one answer to "may this caller see, or change, this project". Its chats are rooms: who may be in one is <see cref="RoomAccess"/>'s to say. Thread-safe.</summary>
public sealed class ProjectAccess(Db db, ProjectStore store, ProjectQueries queries, Settings settings)
{
    /// <summary>Projects are what a site shows: to everybody, or, where there are no guests, to every user.</summary>
    public bool MaySee(Caller caller) => caller.IsUser || settings.GuestsAllowed;

    /// <exception cref="RefusedException"><see cref="Refusal.SignInFirst"/>, <see cref="Refusal.NoSuchProject"/>.</exception>
    public async Task<Project> FindAsync(Caller caller, string slug, CancellationToken ct)
    {
        if (!MaySee(caller))
        {
            throw new RefusedException(Refusal.SignInFirst);
        }
        return await db.ReadAsync(session => queries.FindAsync(session, slug), ct) ?? throw new RefusedException(Refusal.NoSuchProject);
    }

    /// <summary>As <see cref="FindAsync"/>, for who may change the project; for everybody else there is nothing to change.</summary>
    /// <exception cref="RefusedException">As <see cref="FindAsync"/>.</exception>
    public async Task<Project> FindOwnAsync(Caller caller, string slug, CancellationToken ct) =>
        await FindAsync(caller, slug, ct) is var project && project.IsRunBy(caller) ? project : throw new RefusedException(Refusal.NoSuchProject);

    /// <summary>Runs one transaction that changes a project, and keeps it and its chats as they are until that ends. Whether the caller may is decided inside:
    /// it may have been given away a moment ago.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchProject"/>, also for a project that is not the caller's.</exception>
    public Task ChangeAsync(Caller caller, string slug, Func<DbSession, Project, Task> change, CancellationToken ct) => db.WriteAsync(async session =>
    {
        var project = await LockAsync(session, slug);
        await change(session, project.IsRunBy(caller) ? project : throw new RefusedException(Refusal.NoSuchProject));
    }, ct);

    /// <summary>Runs a further transaction of a change that <see cref="ChangeAsync"/> has begun: its caller may have given the project away by it.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchProject"/>.</exception>
    internal Task GoOnAsync(string slug, Func<DbSession, Project, Task> change) =>
        db.WriteAsync(async session => await change(session, await LockAsync(session, slug)), CancellationToken.None);

    /// <summary>The project, kept as it is until the transaction ends.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchProject"/>.</exception>
    internal async Task<Project> LockAsync(DbSession session, string slug) =>
        ProjectSlug.TryParse(slug, out var key) && await store.LockAsync(session, key) && await queries.FindAsync(session, key) is { } project
            ? project
            : throw new RefusedException(Refusal.NoSuchProject);
}
