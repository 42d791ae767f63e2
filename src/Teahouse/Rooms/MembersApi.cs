using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Teahouse.Accounts;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Rooms;

/// <summary>What a member is to be.</summary>
/// <param name="Role"><c>owner</c>, <c>moderator</c> or <c>member</c>; left out, a new one is <c>member</c> and others stay what they are.</param>
public sealed record MemberRequest([property: AllowedValues("owner", "moderator", "member")] string? Role);

/// <summary>A member of a room.</summary>
public sealed record MemberAnswer(string Username, string DisplayName, [property: AllowedValues("owner", "moderator", "member")] string Role, DateTimeOffset JoinedAt)
{
    /// <summary>The avatar colour they chose, one of ten; left out for that of the name.</summary>
    [Range(0, 9), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? AvatarColour { get; init; }

    internal static MemberAnswer Of(RoomMember member) => new(member.Username, member.DisplayName, member.Role.ToText(), member.JoinedAt) { AvatarColour = member.AvatarColour };
}

/// <summary>Members in order of their user names.</summary>
/// <param name="Members">This page of them.</param>
/// <param name="HasMore">There are more.</param>
/// <param name="Next">What to ask for as <c>after</c> to get them; null when there are none.</param>
public sealed record MemberList(IReadOnlyList<MemberAnswer> Members, bool HasMore, string? Next);

/// <summary><c>/api/v1/rooms/{room}/members</c>.</summary>
internal static class MembersApi
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    public static void Map(RouteGroupBuilder rooms)
    {
        var members = rooms.MapGroup("/{room}/members").WithTags("Members").Refuses(Refusal.BadRoom, Refusal.NoSuchRoom).ForUsers();
        members.MapGet("/", ListAsync).WithName("listMembers").WithSummary("List a room's members").Refuses(Refusal.BadFrame).WithETag();
        members.MapGet("/{user}", GetAsync).WithName("getMember").WithSummary("Get a member").Refuses(Refusal.NoSuchUser).WithETag();
        members.MapPut("/{user}", PutAsync).WithName("putMember").WithSummary("Add a member, join, or change a role")
            .WithDescription("Owners and moderators add others; owners change roles; anybody joins an open room by their own name.")
            .ForUsers(TokenScope.Write).Refuses(Refusal.NoSuchUser, Refusal.Forbidden, Refusal.BadChoice, Refusal.Banned, Refusal.LastOwner, Refusal.Archived);
        members.MapDelete("/{user}", RemoveAsync).WithName("removeMember").WithSummary("Remove a member, or leave")
            .WithDescription("Their sockets and streams of the room end at once.").ForUsers(TokenScope.Write).Refuses(Refusal.NoSuchUser, Refusal.Forbidden, Refusal.LastOwner);
    }

    private static async Task<Ok<MemberList>> ListAsync(
        HttpContext context,
        string room,
        RoomReader reader,
        RoomQueries queries,
        Db db,
        [Description("The `next` of the page before.")] string? after,
        [Description("How many at most, 1 to 200; 50 if left out."), Range(1, 200)] int? limit,
        CancellationToken ct)
    {
        var most = Paging.Limit(limit, DefaultLimit, MaxLimit);
        var from = VisibleText.Line(after, UsernameRule.MaxLength) ?? throw new RefusedException(Refusal.BadFrame) { Field = "after" };
        var known = Known(await reader.FindAsync(context, room, ct));
        var found = await db.ReadAsync(session => queries.ListMembersAsync(session, known.Id, NameSkeleton.Key(from), most + 1), ct);
        var hasMore = found.Count > most;
        List<MemberAnswer> page = [.. found.Take(most).Select(MemberAnswer.Of)];
        return TypedResults.Ok(new MemberList(page, hasMore, hasMore ? page[^1].Username : null));
    }

    private static async Task<Ok<MemberAnswer>> GetAsync(HttpContext context, string room, string user, RoomReader reader, RoomQueries queries, Db db, CancellationToken ct)
    {
        var (_, member) = await FindAsync(Known(await reader.FindAsync(context, room, ct)), user, queries, db, ct);
        return TypedResults.Ok(MemberAnswer.Of(member ?? throw new RefusedException(Refusal.NoSuchUser)));
    }

    private static async Task<Results<Ok<MemberAnswer>, Created<MemberAnswer>>> PutAsync(HttpContext context, string room, string user,
        [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] MemberRequest? body, RoomReader reader, RoomOperations operations, JoinRoom join, RoomQueries queries, Db db, CancellationToken ct)
    {
        var pass = await reader.FindAsync(context, room, ct);
        var known = Known(pass);
        Role? role = body?.Role is { } text ? RoomInput.Role(text) : null;
        var (named, member) = await FindAsync(known, user, queries, db, ct);
        var isNew = member is null;
        if (role is { } wanted && wanted != (member?.Role ?? Role.Member) && !pass.IsOwner)
        {
            // Before anything is done: nobody is added halfway.
            throw new RefusedException(Refusal.Forbidden);
        }
        try
        {
            if (isNew)
            {
                await (named.Id == pass.Caller.UserId ? join.ExecuteAsync(pass, ct) : operations.Add.ExecuteAsync(pass, named.Username, ct));
            }
        }
        catch (RefusedException e) when (e.Refusal == Refusal.AlreadyMember)
        {
            // Somebody else's same call came first.
            isNew = false;
        }
        if (role is { } change && change != (member?.Role ?? Role.Member))
        {
            await operations.Role.ExecuteAsync(pass, named.Id, change.ToText(), ct);
        }
        (_, member) = await FindAsync(known, user, queries, db, ct);
        var answer = MemberAnswer.Of(member ?? throw new RefusedException(Refusal.NoSuchUser));
        return isNew
            ? TypedResults.Created($"/api/v1/rooms/{Uri.EscapeDataString(known.Name)}/members/{Uri.EscapeDataString(answer.Username)}", answer)
            : TypedResults.Ok(answer);
    }

    private static async Task<NoContent> RemoveAsync(HttpContext context, string room, string user, RoomReader reader, RoomOperations operations, RoomQueries queries, Db db, CancellationToken ct)
    {
        var pass = await reader.FindAsync(context, room, ct);
        var (named, member) = await FindAsync(Known(pass), user, queries, db, ct);
        if (named.Id != pass.Caller.UserId)
        {
            await operations.Remove.ExecuteAsync(pass, named.Id, ct);
        }
        else if (member is not null)
        {
            await operations.Leave.ExecuteAsync(pass, ct);
        }
        else
        {
            throw new RefusedException(Refusal.NoSuchUser);
        }
        return TypedResults.NoContent();
    }

    private static Room Known(RoomPass pass) => pass.Room ?? throw new RefusedException(Refusal.NoSuchRoom);

    private static async Task<(NamedUser User, RoomMember? Member)> FindAsync(Room room, string username, RoomQueries queries, Db db, CancellationToken ct) => await db.ReadAsync(async session =>
    {
        var user = await queries.FindUserAsync(session, username) ?? throw new RefusedException(Refusal.NoSuchUser);
        return (user, await queries.FindMemberAsync(session, room.Id, user.Id));
    }, ct);
}
