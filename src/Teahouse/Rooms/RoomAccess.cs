using Teahouse.Accounts;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Rooms;

/// <summary>The one answer to "may this caller be in this room". A room that does not exist and one that is not the caller's are the same
/// refusal. Thread-safe.</summary>
public sealed class RoomAccess(Db db, RoomQueries queries, RoomStore store, Settings settings)
{
    /// <summary>Lets the caller into the room called <paramref name="name"/>. A name nobody has used yet counts as an empty
    /// guests room that its first message makes, if guests are allowed at all.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.BadRoom"/> for a name outside the rule, <see cref="Refusal.NoSuchRoom"/> otherwise.</exception>
    public Task<RoomPass> EnterAsync(Caller caller, string name, CancellationToken ct) => FindAsync(caller, name, allowUnborn: true, ct);

    /// <summary>As <see cref="EnterAsync"/>, for doors where a room must exist already.</summary>
    public Task<RoomPass> FindAsync(Caller caller, string name, CancellationToken ct) => FindAsync(caller, name, allowUnborn: false, ct);

    /// <summary>The same decision on rows that were read already, inside a transaction; null for no.</summary>
    public RoomPass? Decide(Caller caller, RoomStanding standing) =>
        standing.Room is { } room && MayEnter(caller, standing) ? new RoomPass(caller, room.Name, room, standing.Membership) : null;

    /// <summary>Runs one transaction that changes a room, with a pass made inside it, and keeps the room as it is until that ends. Between a pass and its
    /// use the room may have been closed to the caller, their role taken, or the room deleted: nothing is decided by the older pass.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchRoom"/>.</exception>
    public Task ChangeAsync(RoomPass pass, Func<DbSession, RoomPass, Task> change, CancellationToken ct) => db.WriteAsync(async session =>
    {
        pass.Caller.Require(TokenScope.Write);
        if (pass.Room is not { } room || !await store.LockAsync(session, room.Id))
        {
            throw new RefusedException(Refusal.NoSuchRoom);
        }
        var standing = await queries.FindStandingAsync(session, room.Id, pass.Caller);
        if (pass.IsAdministration)
        {
            await UserAccess.RequireAsync(session, pass.Caller);
        }
        var now = pass.IsAdministration ? Administer(pass.Caller, standing) : Decide(pass.Caller, standing);
        await change(session, now ?? throw new RefusedException(Refusal.NoSuchRoom));
    }, ct);

    /// <summary>Lets an administrator change any room, whether they may be in it or not; see <see cref="RoomPass.IsAdministration"/>.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.ScopeTooSmall"/>, <see cref="Refusal.Forbidden"/>, <see cref="Refusal.NoSuchRoom"/>.</exception>
    internal async Task<RoomPass> AdministerAsync(Caller caller, long roomId, CancellationToken ct)
    {
        UserAccess.Require(caller);
        return Administer(caller, await db.ReadAsync(session => queries.FindStandingAsync(session, roomId, caller), ct)) ?? throw new RefusedException(Refusal.NoSuchRoom);
    }

    private static RoomPass? Administer(Caller caller, RoomStanding standing) =>
        standing.Room is { } room ? new RoomPass(caller, room.Name, room, standing.Membership) { IsAdministration = true } : null;

    private async Task<RoomPass> FindAsync(Caller caller, string text, bool allowUnborn, CancellationToken ct)
    {
        if (!RoomName.TryParse(text, out var name))
        {
            throw new RefusedException(Refusal.BadRoom);
        }
        var standing = await db.ReadAsync(session => queries.FindStandingAsync(session, RoomName.Key(name), caller), ct);
        if (standing.Room is null)
        {
            return allowUnborn && settings.GuestsAllowed && standing is { IsBanned: false, IsRetired: false }
                ? new RoomPass(caller, name, null, null)
                : throw new RefusedException(Refusal.NoSuchRoom);
        }
        return Decide(caller, standing) ?? throw new RefusedException(Refusal.NoSuchRoom);
    }

    private bool MayEnter(Caller caller, RoomStanding standing) => standing.Room?.Access switch
    {
        _ when caller.Kind == CallerKind.System => true,
        _ when caller.Kind == CallerKind.Hook => caller.Hook?.RoomId == standing.Room?.Id,
        _ when standing.IsBanned => false,
        Access.Guests => caller.IsUser || settings.GuestsAllowed,
        Access.Members => caller.IsUser,
        Access.Private => standing.Membership is not null,
        var access => throw new InvalidOperationException($"Access {access} has no rule."),
    };
}
