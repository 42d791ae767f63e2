using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Rooms;

/// <summary>The one answer to "may this caller be in this room". A room that does not exist and one that is not the caller's are the same
/// refusal. Thread-safe.</summary>
public sealed class RoomAccess(Db db, RoomQueries queries, Settings settings)
{
    /// <summary>Lets the caller into the room called <paramref name="name"/>. A name nobody has used counts as an empty
    /// guests room that its first message makes, if guests are allowed at all.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.BadRoom"/> for a name outside the rule, <see cref="Refusal.NoSuchRoom"/> otherwise.</exception>
    public Task<RoomPass> EnterAsync(Caller caller, string name, CancellationToken ct) => FindAsync(caller, name, allowUnborn: true, ct);

    /// <summary>As <see cref="EnterAsync"/>, for doors where a room must exist already.</summary>
    public Task<RoomPass> FindAsync(Caller caller, string name, CancellationToken ct) => FindAsync(caller, name, allowUnborn: false, ct);

    /// <summary>The same decision on rows that were read already, inside a transaction.</summary>
    public RoomPass? Decide(Caller caller, Room room, Membership? membership) =>
        MayEnter(caller, room, membership) ? new RoomPass(caller, room.Name, room, membership) : null;

    private async Task<RoomPass> FindAsync(Caller caller, string text, bool allowUnborn, CancellationToken ct)
    {
        if (!RoomName.TryParse(text, out var name))
        {
            throw new RefusedException(Refusal.BadRoom);
        }
        var (room, membership) = await db.ReadAsync(session => queries.FindWithMembershipAsync(session, RoomName.Key(name), caller.UserId), ct);
        if (room is null)
        {
            return allowUnborn && settings.GuestsAllowed
                ? new RoomPass(caller, name, null, null)
                : throw new RefusedException(Refusal.NoSuchRoom);
        }
        return Decide(caller, room, membership) ?? throw new RefusedException(Refusal.NoSuchRoom);
    }

    private bool MayEnter(Caller caller, Room room, Membership? membership) => room.Access switch
    {
        _ when caller.Kind == CallerKind.System => true,
        Access.Guests => caller.IsUser || settings.GuestsAllowed,
        Access.Members => caller.IsUser,
        Access.Private => membership is not null,
        _ => throw new InvalidOperationException($"Access {room.Access} has no rule."),
    };
}
