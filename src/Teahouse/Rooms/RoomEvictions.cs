using Teahouse.Realtime;

namespace Teahouse.Rooms;

/// <summary>Ends the sockets of those a room is closed to.</summary>
internal static class RoomEvictions
{
    /// <summary>Puts out everybody whom the room's access leaves no place. To be registered with <c>AfterCommit</c> before anything is said in the room:
    /// what is said next is not for them.</summary>
    /// <param name="registry">The open sockets.</param>
    /// <param name="room">As it is from now on.</param>
    /// <param name="memberIds">Its members; looked at for private rooms only.</param>
    public static void PutOutStrangers(this ConnectionRegistry registry, Room room, IReadOnlySet<long> memberIds)
    {
        switch (room.Access)
        {
            case Access.Members:
                registry.EvictAllBut(room.FeedTopic, caller => caller.IsUser);
                break;
            case Access.Private:
                registry.EvictAllBut(room.FeedTopic, caller => caller.UserId is { } id && memberIds.Contains(id));
                break;
            case Access.Guests:
                break;
            default:
                throw new InvalidOperationException($"Access {room.Access} has no rule.");
        }
    }
}
