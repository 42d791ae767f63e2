namespace Teahouse.Rooms;

/// <summary>How a caller stands to a room, as read in one transaction; <see cref="RoomAccess"/> decides from it.</summary>
/// <param name="Room">Null when there is none.</param>
/// <param name="Membership">Null for guests and for users who only look in.</param>
/// <param name="IsBanned">The account or guest may not come in, whatever the room's access says.</param>
public readonly record struct RoomStanding(Room? Room, Membership? Membership, bool IsBanned)
{
    /// <summary>There is no such room any more. Nobody's mere message makes one of its name: people still come by its address, and think that they know whose it is.</summary>
    public bool IsRetired { get; init; }
}
