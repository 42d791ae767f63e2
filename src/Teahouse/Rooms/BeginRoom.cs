using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>Makes a room of a name nobody has used yet, in the transaction of its first message. Stateless.</summary>
public sealed class BeginRoom(RoomStore store, RoomQueries queries, RoomAccess access)
{
    /// <summary>Returns the new <c>guests</c> room, owned by the caller if that is a user; or the one that somebody else made a moment before, if the caller may enter it.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchRoom"/>: made meanwhile, and not for this caller; or made and deleted.</exception>
    public async Task<Room> ExecuteAsync(DbSession session, RoomPass pass, DateTimeOffset at)
    {
        if (await queries.IsRetiredAsync(session, RoomName.Key(pass.Name)))
        {
            throw new RefusedException(Refusal.NoSuchRoom);
        }
        var ownerId = pass.Caller.UserId;
        var made = await store.InsertAsync(session, Room.OrdinaryKind, pass.Name, pass.Name, "", Access.Guests, ownerId, at);
        if (made is not null)
        {
            if (ownerId is not null)
            {
                await store.AddMemberAsync(session, made.Id, ownerId.Value, Role.Owner, 0, at);
            }
            return made;
        }
        var standing = await queries.FindStandingAsync(session, RoomName.Key(pass.Name), pass.Caller);
        return access.Decide(pass.Caller, standing)?.Room ?? throw new RefusedException(Refusal.NoSuchRoom);
    }
}
