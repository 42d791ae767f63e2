using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <param name="Name">The URL key.</param>
/// <param name="Title">Empty: the name.</param>
/// <param name="Topic">May be empty.</param>
/// <param name="Access"><c>guests</c>, <c>members</c> or <c>private</c>.</param>
public sealed record CreateRoomInput(string? Name, string? Title, string? Topic, string? Access);

/// <summary>Makes a room owned by its maker. Thread-safe.</summary>
public sealed class CreateRoom(Db db, RoomStore store, AnnounceRoomEvent announce, RoomEvictions evictions, TimeProvider time)
{
    /// <exception cref="RefusedException"><see cref="Refusal.SignInFirst"/>, <see cref="Refusal.BadRoom"/>, <see cref="Refusal.BadTitle"/>, <see cref="Refusal.BadTopic"/>,
    /// <see cref="Refusal.BadChoice"/>, or <see cref="Refusal.NameTaken"/>.</exception>
    public async Task<Room> ExecuteAsync(Caller caller, CreateRoomInput input, CancellationToken ct)
    {
        if (caller.UserId is not { } ownerId)
        {
            throw new RefusedException(Refusal.SignInFirst);
        }
        caller.Require(TokenScope.Write);
        if (!RoomName.TryParse(input.Name?.Trim(), out var name))
        {
            throw new RefusedException(Refusal.BadRoom);
        }
        var title = RoomInput.Title(input.Title, name);
        var topic = RoomInput.Topic(input.Topic);
        var access = RoomInput.Access(input.Access);
        return await db.WriteAsync(async session =>
        {
            var at = time.GetUtcNow();
            // A name is an address, so one that a private room has cannot be given out again. The answer says no more than that it cannot be used.
            var room = await store.InsertAsync(session, Room.OrdinaryKind, name, title, topic, access, ownerId, at) ?? throw new RefusedException(Refusal.NameTaken);
            await store.AddMemberAsync(session, room.Id, ownerId, Role.Owner, 0, at);
            // A name nobody used counts as an open room: who waits there already must not hear what this one says.
            await evictions.PutOutStrangersAsync(session, room, new HashSet<long> { ownerId });
            await announce(session, room, caller, new RoomEvent(RoomEventTypes.Created));
            return room;
        }, ct);
    }
}
