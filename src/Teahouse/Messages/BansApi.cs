using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Teahouse.Accounts;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>A guest to be kept out, by something they said.</summary>
/// <param name="Message">The id of a message of theirs.</param>
/// <param name="Address">Everybody without an account who comes from the same address too.</param>
public sealed record GuestBanRequest([property: Required] long? Message, bool Address);

/// <summary>Who may not come into a room.</summary>
/// <param name="Users">User names, the latest first.</param>
/// <param name="Guests">The latest first.</param>
public sealed record BanList(IReadOnlyList<string> Users, IReadOnlyList<GuestBanAnswer> Guests);

/// <summary>A guest who may not come in.</summary>
/// <param name="Id">By which the ban is lifted.</param>
/// <param name="Nickname">As they called themselves.</param>
/// <param name="Address">Their address is banned too.</param>
/// <param name="BannedAt">Since when.</param>
public sealed record GuestBanAnswer(long Id, string Nickname, bool Address, DateTimeOffset BannedAt);

/// <summary><c>/api/v1/rooms/{room}/bans</c>. Stands here because guests are named by what they said.</summary>
internal static class BansApi
{
    private const int MaxListed = 500;

    public static void Map(RouteGroupBuilder rooms)
    {
        var bans = rooms.MapGroup("/{room}/bans").WithTags("Members").Refuses(Refusal.BadRoom, Refusal.NoSuchRoom, Refusal.Forbidden);
        bans.MapGet("/", ListAsync).WithName("listBans").WithSummary("List who may not come in").WithDescription("For owners and moderators; the latest 500 of each kind.").ForUsers();
        bans.MapPut("/users/{user}", BanUserAsync).WithName("banUser").WithSummary("Ban a user")
            .WithDescription("A member is removed; their sockets and streams of the room end at once.").ForUsers(TokenScope.Write).Refuses(Refusal.NoSuchUser);
        bans.MapDelete("/users/{user}", UnbanUserAsync).WithName("unbanUser").WithSummary("Let a user in again").ForUsers(TokenScope.Write).Refuses(Refusal.NoSuchUser);
        bans.MapPost("/guests", BanGuestAsync).WithName("banGuest").WithSummary("Ban a guest")
            .WithDescription("Guests are known by a cookie, and if you wish by their address. Visitors who never chose a nickname in a browser have neither: remove what they say, or close the room to guests.")
            .ForUsers(TokenScope.Write).Refuses(Refusal.NoSuchMessage, Refusal.BadFrame);
        bans.MapDelete("/guests/{id:long}", UnbanGuestAsync).WithName("unbanGuest").WithSummary("Let a guest in again").ForUsers(TokenScope.Write);
    }

    private static async Task<Ok<BanList>> ListAsync(HttpContext context, string room, RoomAccess access, RoomQueries queries, GuestBans bans, Db db, CancellationToken ct)
    {
        var known = (await access.FindAsync(context.GetCaller(), room, ct)).Moderated();
        return TypedResults.Ok(await db.ReadAsync(async session => new BanList(
            [.. (await queries.ListBannedAsync(session, known.Id, MaxListed)).Select(user => user.Username)],
            [.. (await bans.ListAsync(session, known.Id, MaxListed)).Select(ban => new GuestBanAnswer(ban.Id, ban.Nickname, ban.Address is not null, ban.BannedAt))]), ct));
    }

    private static async Task<NoContent> BanUserAsync(HttpContext context, string room, string user, RoomAccess access, BanMember ban, CancellationToken ct)
    {
        try
        {
            await ban.ExecuteAsync(await access.FindAsync(context.GetCaller(), room, ct), user, ct);
        }
        catch (RefusedException e) when (e.Refusal == Refusal.Banned)
        {
            // As it was to be.
        }
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> UnbanUserAsync(HttpContext context, string room, string user, RoomAccess access, UnbanMember unban, CancellationToken ct)
    {
        await unban.ExecuteAsync(await access.FindAsync(context.GetCaller(), room, ct), user, ct);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> BanGuestAsync(HttpContext context, string room, GuestBanRequest body, RoomAccess access, MessageQueries queries, BanGuest ban, Db db, CancellationToken ct)
    {
        var pass = await access.FindAsync(context.GetCaller(), room, ct);
        var known = pass.Moderated();
        var said = await db.ReadAsync(session => queries.FindTargetAsync(session, body.Message ?? 0), ct);
        if (said is null || said.RoomId != known.Id)
        {
            throw new RefusedException(Refusal.NoSuchMessage);
        }
        if (said.GuestId is not { } guestId)
        {
            throw new RefusedException(Refusal.BadFrame) { Field = "message" };
        }
        await ban.ExecuteAsync(pass, guestId, said.AuthorName, body.Address, ct);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> UnbanGuestAsync(HttpContext context, string room, long id, RoomAccess access, BanGuest ban, CancellationToken ct)
    {
        await ban.LiftAsync(await access.FindAsync(context.GetCaller(), room, ct), id, ct);
        return TypedResults.NoContent();
    }
}
