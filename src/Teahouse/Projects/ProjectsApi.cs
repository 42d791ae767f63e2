using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Teahouse.Accounts;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Projects;

/// <summary><c>/api/v1/projects</c>.</summary>
internal static class ProjectsApi
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    public static void Map(RouteGroupBuilder api)
    {
        var projects = api.MapGroup("/projects").WithTags("Projects").Refuses(Refusal.SignInFirst);
        projects.MapGet("", ListAsync).WithName("listProjects").WithSummary("List projects").WithDescription("The newest first; with `mine` only your own.")
            .Produces<ProjectPageAnswer>().Refuses(Refusal.BadFrame).WithETag();
        projects.MapPost("", CreateAsync).WithName("createProject").WithSummary("Make a project").WithDescription("You are its proposer.")
            .ForUsers().Produces<ProjectAnswer>(StatusCodes.Status201Created).Refuses(Refusal.BadTitle, Refusal.BadDescription, Refusal.BadSlug, Refusal.SlugTaken);
        projects.MapGet("/{slug}", GetAsync).WithName("getProject").WithSummary("Get a project").Produces<ProjectAnswer>().Refuses(Refusal.NoSuchProject).WithETag();
        projects.MapPatch("/{slug}", UpdateAsync).WithName("changeProject").WithSummary("Change a project, or give it to somebody else")
            .WithDescription("For its proposer and administrators. What is left out stays.").ForUsers().Produces<ProjectAnswer>()
            .Refuses(Refusal.NoSuchProject, Refusal.BadTitle, Refusal.BadDescription, Refusal.NoSuchUser, Refusal.AlreadyOwner);
        projects.MapDelete("/{slug}", DeleteAsync).WithName("deleteProject").WithSummary("Delete a project")
            .WithDescription("With its chats and their messages, for ever. For its proposer and administrators.").ForUsers().Produces(StatusCodes.Status204NoContent).Refuses(Refusal.NoSuchProject);
        projects.MapGet("/{slug}/chats", ListChatsAsync).WithName("listProjectChats").WithSummary("List a project's chats")
            .WithDescription("For its proposer: the chats with its visitors, latest activity first.").ForUsers().Produces<ChatPageAnswer>().Refuses(Refusal.NoSuchProject, Refusal.BadFrame).WithETag();
        projects.MapPost("/{slug}/chats", OpenChatAsync).WithName("openProjectChat").WithSummary("Talk with a project's proposer")
            .WithDescription("Your own chat, made at need; its `room` is for the calls about rooms and messages.").ForUsers().Produces<OwnChatAnswer>()
            .Refuses(Refusal.NoSuchProject, Refusal.ChatClosed, Refusal.NotChatting);
    }

    /// <summary>Projects, the newest first; with <c>mine</c> only the caller's own.</summary>
    private static async Task<IResult> ListAsync(
        HttpContext context,
        [Description("A part of the title, slug or description.")] string? q,
        [Description("`true`: only your own.")] bool? mine,
        [Description("The `next` of the page before.")] string? after,
        [Description("How many at most, 1 to 200; 50 if left out."), Range(1, 200)] int? limit,
        ProjectAccess access,
        ProjectQueries queries,
        Db db,
        CancellationToken ct)
    {
        var size = Paging.Limit(limit, DefaultLimit, MaxLimit);
        var before = string.IsNullOrEmpty(after) ? (long?)null
            : long.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id
            : throw new RefusedException(Refusal.BadFrame) { Field = "after" };
        var caller = context.GetCaller();
        if (!access.MaySee(caller) || (mine == true && !caller.IsUser))
        {
            throw new RefusedException(Refusal.SignInFirst);
        }
        var found = await db.ReadAsync(session => queries.ListAsync(session, caller.UserId, RoomName.SearchText(q), mine == true, before, size + 1), ct);
        var shown = found.Take(size).ToList();
        return TypedResults.Ok(new ProjectPageAnswer(
            [.. shown.Select(project => new ProjectAnswer
            {
                Slug = project.Slug,
                Title = project.Title,
                Description = project.Description,
                Owner = project.Owner,
                Path = $"/projects/{project.Slug}/",
                CreatedAt = project.CreatedAt,
                UpdatedAt = project.UpdatedAt,
                Unread = project.Unread,
            })],
            found.Count > size,
            found.Count > size ? shown[^1].Id.ToString(CultureInfo.InvariantCulture) : null));
    }

    /// <summary>Makes a project that the caller owns.</summary>
    private static async Task<IResult> CreateAsync(HttpContext context, CreateProjectRequest input, CreateProject create, CancellationToken ct)
    {
        var project = await create.ExecuteAsync(context.GetCaller(), new CreateProjectInput(input.Title, input.Description, input.Slug), ct);
        return TypedResults.Created($"/api/v1/projects/{project.Slug}", Answer(project));
    }

    /// <summary>One project.</summary>
    private static async Task<IResult> GetAsync(HttpContext context, string slug, ProjectAccess access, CancellationToken ct) =>
        TypedResults.Ok(Answer(await access.FindAsync(context.GetCaller(), slug, ct)));

    /// <summary>Changes what the project says of itself, and whose it is: for its owner and administrators.</summary>
    private static async Task<IResult> UpdateAsync(HttpContext context, string slug, UpdateProjectRequest input, ProjectAccess access, UpdateProject update, GiveProject give, CancellationToken ct)
    {
        var caller = SignedIn(context);
        if (input.Title is not null || input.Description is not null)
        {
            await update.ExecuteAsync(caller, slug, new UpdateProjectInput(input.Title, input.Description), ct);
        }
        if (input.Owner is not null)
        {
            await give.ExecuteAsync(caller, slug, input.Owner, ct);
        }
        return TypedResults.Ok(Answer(await access.FindAsync(caller, slug, ct)));
    }

    /// <summary>Deletes the project with its chats and their messages, for ever: for its owner and administrators.</summary>
    private static async Task<IResult> DeleteAsync(HttpContext context, string slug, DeleteProject delete, CancellationToken ct)
    {
        // Named in the address: that is confirmation enough for a program.
        await delete.ExecuteAsync(SignedIn(context), slug, typedName: slug, ct);
        return TypedResults.NoContent();
    }

    /// <summary>The owner's chats with the project's visitors, latest activity first. For anybody else there is no such list.</summary>
    private static async Task<IResult> ListChatsAsync(
        HttpContext context,
        string slug,
        [Description("`true`: only those with unread messages.")] bool? unread,
        [Description("The `next` of the page before.")] string? after,
        [Description("How many at most, 1 to 200; 50 if left out."), Range(1, 200)] int? limit,
        ProjectAccess access,
        ProjectChatQueries queries,
        Db db,
        CancellationToken ct)
    {
        var size = Paging.Limit(limit, DefaultLimit, MaxLimit);
        var from = string.IsNullOrEmpty(after) ? (ChatCursor?)null : ChatCursorText.Parse(after) ?? throw new RefusedException(Refusal.BadFrame) { Field = "after" };
        var caller = SignedIn(context);
        var project = await access.FindAsync(caller, slug, ct);
        if (!project.IsOwnedBy(caller) || caller.UserId is not { } ownerId)
        {
            throw new RefusedException(Refusal.NoSuchProject);
        }
        var (totals, found) = await db.ReadAsync(async session => (
            await queries.CountAsync(session, project.Id, ownerId),
            await queries.ListAsync(session, project.Id, ownerId, unread == true, from, size + 1)), ct);
        var shown = found.Take(size).ToList();
        return TypedResults.Ok(new ChatPageAnswer(
            [.. shown.Select(chat => new ChatAnswer
            {
                Room = chat.Room,
                Visitor = chat.Visitor,
                VisitorName = chat.VisitorName,
                LastMessage = chat.LastText,
                UpdatedAt = chat.At,
                Unread = chat.Unread,
                IsBlocked = chat.ArchivedAt is not null,
                Path = chat.Address,
            })],
            totals.Unread,
            found.Count > size,
            found.Count > size ? ChatCursorText.Write(shown[^1].Cursor) : null));
    }

    /// <summary>The caller's own chat with the project's owner, made at need.</summary>
    private static async Task<IResult> OpenChatAsync(HttpContext context, string slug, ProjectAccess access, OpenProjectChat open, RoomAccess rooms, CancellationToken ct)
    {
        var caller = SignedIn(context);
        var project = await access.FindAsync(caller, slug, ct);
        var chat = await open.ExecuteAsync(caller, project, ct);
        if (chat.IsBlocked)
        {
            throw new RefusedException(Refusal.ChatClosed);
        }
        var room = (await rooms.FindAsync(caller, chat.Room, ct)).Room ?? throw new InvalidOperationException("A project chat is there.");
        return TypedResults.Ok(new OwnChatAnswer(room.Name, project.Owner, room.Address));
    }

    private static ProjectAnswer Answer(Project project) => new()
    {
        Slug = project.Slug,
        Title = project.Title,
        Description = project.Description,
        Owner = project.Owner,
        Path = project.Address,
        CreatedAt = project.CreatedAt,
        UpdatedAt = project.UpdatedAt,
    };

    private static Caller SignedIn(HttpContext context) =>
        context.GetCaller() is { IsUser: true } caller ? caller : throw new RefusedException(Refusal.SignInFirst);
}
