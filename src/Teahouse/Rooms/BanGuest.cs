using Teahouse.Accounts;
using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>Keeps a guest out of a room or of the whole site, by their cookie and, if wanted, by the address they were last seen at; and lets them in again. Thread-safe.</summary>
public sealed class BanGuest(Db db, GuestBans bans, GuestBook guests, RoomAccess access, RoomEvictions evictions, TimeProvider time)
{
    /// <summary>For a room's owners and moderators.</summary>
    /// <param name="pass">The room.</param>
    /// <param name="guestId">See <see cref="Caller.GuestId"/>.</param>
    /// <param name="nickname">As they called themselves.</param>
    /// <param name="withAddress">Everybody without an account who comes from the same address too; without effect when it is no longer known.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>.</exception>
    public Task ExecuteAsync(RoomPass pass, string guestId, string nickname, bool withAddress, CancellationToken ct) =>
        access.ChangeAsync(pass, (session, now) => BanAsync(session, now.Caller, now.Moderated(), guestId, nickname, withAddress), ct);

    /// <summary>For administrators: from everywhere.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>, <see cref="Refusal.ScopeTooSmall"/>.</exception>
    public Task ExecuteAsync(Caller caller, string guestId, string nickname, bool withAddress, CancellationToken ct)
    {
        RequireAdministrator(caller);
        return db.WriteAsync(session => BanAsync(session, caller, room: null, guestId, nickname, withAddress), ct);
    }

    /// <summary>Lets a guest into a room again. Nothing happens for a ban that is not this room's.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>.</exception>
    public Task LiftAsync(RoomPass pass, long banId, CancellationToken ct) => access.ChangeAsync(pass, async (session, now) =>
    {
        var room = now.Moderated();
        if (await bans.FindAsync(session, banId) is { } ban && ban.RoomId == room.Id)
        {
            await LiftAsync(session, now.Caller, ban, room.Name);
        }
    }, ct);

    /// <summary>For administrators: any ban.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>, <see cref="Refusal.ScopeTooSmall"/>.</exception>
    public Task LiftAsync(Caller caller, long banId, CancellationToken ct)
    {
        RequireAdministrator(caller);
        return db.WriteAsync(async session =>
        {
            if (await bans.FindAsync(session, banId) is { } ban)
            {
                await LiftAsync(session, caller, ban, "");
            }
        }, ct);
    }

    private async Task BanAsync(DbSession session, Caller caller, Room? room, string guestId, string nickname, bool withAddress)
    {
        var at = time.GetUtcNow();
        var address = withAddress ? (await guests.FindAsync(session, guestId))?.Address : null;
        await bans.AddAsync(session, room?.Id, guestId, address, nickname, caller.UserId, at);
        await evictions.PutOutGuestAsync(session, room, guestId, address);
        await AuditLog.AddAsync(session, at, caller, "guest_banned", room?.Name ?? "", nickname);
    }

    private async Task LiftAsync(DbSession session, Caller caller, GuestBan ban, string room)
    {
        await bans.RemoveAsync(session, ban.Id);
        await AuditLog.AddAsync(session, time.GetUtcNow(), caller, "guest_unbanned", room, ban.Nickname);
    }

    private static void RequireAdministrator(Caller caller)
    {
        caller.Require(TokenScope.Admin);
        if (!caller.IsAdmin)
        {
            throw new RefusedException(Refusal.Forbidden);
        }
    }
}
