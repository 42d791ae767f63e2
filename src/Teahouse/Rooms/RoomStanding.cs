namespace Teahouse.Rooms;

/// <summary>How a caller stands to a room, as read in one transaction; <see cref="RoomAccess"/> decides from it.</summary>
/// <param name="Room">Null when there is none.</param>
/// <param name="Membership">Null for guests and for users who only look in.</param>
/// <param name="IsBanned">The account or guest may not come in, whatever the room's access says.</param>
public readonly record struct RoomStanding(Room? Room, Membership? Membership, bool IsBanned);
