using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Teahouse.Accounts;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Rooms;

/// <summary>A room to be made.</summary>
/// <param name="Name">1 to 50 letters, digits, <c>_</c> and <c>-</c> of any script: its address for ever.</param>
/// <param name="Title">At most 100 characters; the name if left out.</param>
/// <param name="Topic">At most 250 characters.</param>
/// <param name="Access"><c>guests</c>, <c>members</c> (if left out) or <c>private</c>.</param>
public sealed record NewRoomRequest([property: Required] string? Name, string? Title, string? Topic, [property: AllowedValues("guests", "members", "private")] string? Access);

/// <summary>What is to change; what is left out stays.</summary>
/// <param name="Title">At most 100 characters; empty for the name.</param>
/// <param name="Topic">At most 250 characters.</param>
/// <param name="Access"><c>guests</c>, <c>members</c> or <c>private</c>.</param>
/// <param name="Archived">True closes the room for new messages; for owners.</param>
public sealed record RoomChangeRequest(string? Title, string? Topic, [property: AllowedValues("guests", "members", "private")] string? Access, bool? Archived);

/// <summary><c>/api/v1/rooms</c> and <c>/api/v1/rooms/{room}</c>.</summary>
internal static class RoomsApi
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;
    private const int MaxSearch = 100;

    public static void Map(RouteGroupBuilder api)
    {
        var rooms = api.MapGroup("/rooms").WithTags("Rooms");
        rooms.MapGet("/", ListAsync).WithName("listRooms").WithSummary("List rooms")
            .WithDescription("Rooms you are a member of and rooms you may join, in order of their names. Never one that is not yours to see.")
            .ForUsers().Refuses(Refusal.BadFrame).WithETag();
        rooms.MapPost("/", CreateAsync).WithName("createRoom").WithSummary("Make a room").WithDescription("You are its owner.")
            .ForUsers(TokenScope.Write).Refuses(Refusal.BadRoom, Refusal.BadTitle, Refusal.BadTopic, Refusal.BadChoice, Refusal.NameTaken);
        rooms.MapGet("/{room}", GetAsync).WithName("getRoom").WithSummary("Get a room")
            .WithDescription("A room that is not there and one that is not for you answer alike.").Refuses(Refusal.BadRoom, Refusal.NoSuchRoom).WithETag();
        rooms.MapPatch("/{room}", ChangeAsync).WithName("changeRoom").WithSummary("Change a room")
            .WithDescription("For its owners and moderators; `archived` for owners. Whoever may no longer enter is put out at once.")
            .ForUsers(TokenScope.Write).Refuses(Refusal.BadRoom, Refusal.NoSuchRoom, Refusal.Forbidden, Refusal.BadTitle, Refusal.BadTopic, Refusal.BadChoice);
        rooms.MapDelete("/{room}", DeleteAsync).WithName("deleteRoom").WithSummary("Delete a room")
            .WithDescription("With all its messages, for ever. For owners.").ForUsers(TokenScope.Write).Refuses(Refusal.BadRoom, Refusal.NoSuchRoom, Refusal.Forbidden);
        MembersApi.Map(rooms);
    }

    private static async Task<Ok<RoomList>> ListAsync(
        HttpContext context,
        Db db,
        RoomListing listing,
        [Description("A part of the name, title or topic, at most 100 characters.")] string? q,
        [Description("`true`: only rooms you are a member of.")] bool? joined,
        [Description("The `next` of the page before.")] string? after,
        [Description("How many at most, 1 to 200; 50 if left out."), Range(1, 200)] int? limit,
        CancellationToken ct)
    {
        var most = Paging.Limit(limit, DefaultLimit, MaxLimit);
        var text = VisibleText.Line(q, MaxSearch) ?? throw new RefusedException(Refusal.BadFrame) { Field = "q" };
        var from = "";
        if (!string.IsNullOrEmpty(after) && !RoomName.TryParse(after, out from))
        {
            throw new RefusedException(Refusal.BadFrame) { Field = "after" };
        }
        var question = new RoomQuestion(context.GetUserId(), text, from, joined ?? false, most + 1);
        var found = await db.ReadAsync(session => listing.ListAsync(session, question), ct);
        var hasMore = found.Count > most;
        List<RoomAnswer> page = [.. found.Take(most).Select(RoomAnswer.Of)];
        return TypedResults.Ok(new RoomList(page, hasMore, hasMore ? page[^1].Name : null));
    }

    private static async Task<Created<RoomAnswer>> CreateAsync(HttpContext context, NewRoomRequest body, CreateRoom create, RoomReader reader, CancellationToken ct)
    {
        var room = await create.ExecuteAsync(context.GetCaller(), new CreateRoomInput(body.Name, body.Title, body.Topic, body.Access ?? Access.Members.ToText()), ct);
        return TypedResults.Created($"/api/v1/rooms/{Uri.EscapeDataString(room.Name)}", await reader.ReadAsync(context, room.Name, ct));
    }

    private static async Task<Ok<RoomAnswer>> GetAsync(HttpContext context, string room, RoomReader reader, CancellationToken ct) =>
        TypedResults.Ok(await reader.ReadAsync(context, room, ct));

    private static async Task<Ok<RoomAnswer>> ChangeAsync(HttpContext context, string room, RoomChangeRequest body, RoomReader reader, RoomOperations operations, CancellationToken ct)
    {
        var pass = await reader.FindAsync(context, room, ct);
        if (body is not { Title: null, Topic: null, Access: null } || body.Archived is null)
        {
            await operations.Update.ExecuteAsync(pass, new UpdateRoomInput(body.Title, body.Topic, body.Access), ct);
        }
        if (body.Archived is { } archived)
        {
            await operations.Archive.ExecuteAsync(pass, archived, ct);
        }
        return TypedResults.Ok(await reader.ReadAsync(context, room, ct));
    }

    private static async Task<NoContent> DeleteAsync(HttpContext context, string room, RoomReader reader, DeleteRoom delete, CancellationToken ct)
    {
        var pass = await reader.FindAsync(context, room, ct);
        await delete.ExecuteAsync(pass, pass.Name, ct);
        return TypedResults.NoContent();
    }
}

/// <summary>Reads a room for one of the API's callers. Thread-safe.</summary>
internal sealed class RoomReader(RoomAccess access, Db db, RoomListing listing)
{
    /// <exception cref="RefusedException"><see cref="Refusal.BadRoom"/>, <see cref="Refusal.NoSuchRoom"/>.</exception>
    public Task<RoomPass> FindAsync(HttpContext context, string room, CancellationToken ct) => access.FindAsync(context.GetCaller(), room, ct);

    /// <exception cref="RefusedException"><see cref="Refusal.BadRoom"/>, <see cref="Refusal.NoSuchRoom"/>.</exception>
    public async Task<RoomAnswer> ReadAsync(HttpContext context, string room, CancellationToken ct)
    {
        var pass = await FindAsync(context, room, ct);
        var row = await db.ReadAsync(session => listing.FindAsync(session, RoomName.Key(pass.Name), pass.Caller.UserId), ct);
        return RoomAnswer.Of(row ?? throw new RefusedException(Refusal.NoSuchRoom));
    }
}
