using Microsoft.AspNetCore.Mvc;
using Teahouse.Accounts;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Projects;

/// <summary>A chat one may be in.</summary>
/// <param name="Pass">Proof of that.</param>
/// <param name="Project">What it is about.</param>
/// <param name="Chat">Whose it is.</param>
public sealed record OpenChat(RoomPass Pass, Project Project, ProjectChat Chat)
{
    public bool IsOwner => Pass.Membership?.Role == Role.Owner;
}

/// <summary>How the pages of project chats answer a caller who is not where they belong (SPEC 3), in one place. Thread-safe.</summary>
public sealed class ProjectDoor(ProjectAccess projects, OpenProjectChat open, ProjectChatQueries queries, RoomAccess rooms, Db db)
{
    /// <summary>The chat asked for, or without a key the caller's own, made at need; or else the answer: to login, the owner to the list, a stranger to their own chat.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchProject"/>; <see cref="Refusal.NoSuchRoom"/>: no such chat of this project; <see cref="Refusal.ChatClosed"/>: the owner
    /// has ended the caller's own.</exception>
    public async Task<(OpenChat? Chat, IActionResult Answer)> EnterAsync(HttpContext context, string slug, string? room, CancellationToken ct)
    {
        var caller = context.GetCaller();
        if (!caller.IsUser)
        {
            return (null, LoginRedirect.To(context));
        }
        var project = await projects.FindAsync(caller, slug, ct);
        if (room is null && project.IsOwnedBy(caller))
        {
            return (null, Lead(context, project.ListAddress));
        }
        // Nobody is left who would answer: the project's page says so. Who has talked already may read on.
        if (room is null && project.OwnerId is null && caller.UserId is { } visitorId && await db.ReadAsync(session => queries.FindAsync(session, project.Id, visitorId), ct) is null)
        {
            return (null, Lead(context, project.Address));
        }
        var chat = room is null
            ? await open.ExecuteAsync(caller, project, ct)
            : await db.ReadAsync(session => queries.FindAsync(session, room), ct);
        if (chat is null || chat.ProjectId != project.Id)
        {
            throw new RefusedException(Refusal.NoSuchRoom);
        }
        try
        {
            return (new OpenChat(await rooms.FindAsync(caller, chat.Room, ct), project, chat), new EmptyResult());
        }
        catch (RefusedException e) when (e.Refusal == Refusal.NoSuchRoom)
        {
            return room is null ? throw new RefusedException(Refusal.ChatClosed) : (null, Lead(context, project.ChatAddress));
        }
    }

    /// <summary>The project, for its owner's own pages of chats; or else the answer.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchProject"/>.</exception>
    public async Task<(Project? Project, IActionResult Answer)> EnterListAsync(HttpContext context, string slug, CancellationToken ct)
    {
        var caller = context.GetCaller();
        if (!caller.IsUser)
        {
            return (null, LoginRedirect.To(context));
        }
        var project = await projects.FindAsync(caller, slug, ct);
        return project.IsOwnedBy(caller) ? (project, new EmptyResult()) : (null, Lead(context, project.ChatAddress));
    }

    /// <summary>The project, for who may change it; or else the way to login.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchProject"/>, the same page for one that is not theirs as for none.</exception>
    public async Task<(Project? Project, IActionResult Answer)> ChangeAsync(HttpContext context, string slug, CancellationToken ct)
    {
        var caller = context.GetCaller();
        return caller.IsUser ? (await projects.FindOwnAsync(caller, slug, ct), new EmptyResult()) : (null, LoginRedirect.To(context));
    }

    // After a form what follows is a GET.
    private static IActionResult Lead(HttpContext context, string address) =>
        HttpMethods.IsPost(context.Request.Method) ? new SeeOtherResult(address) : new LocalRedirectResult(address);
}
