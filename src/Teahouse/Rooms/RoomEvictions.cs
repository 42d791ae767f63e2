using Teahouse.Realtime;
using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>Ends the sockets of those a room is closed to, on every node, when the caller's transaction is on disk. To be called before anything is said in the room that is not for
/// them. Thread-safe.</summary>
public sealed class RoomEvictions(Notices notices)
{
    /// <summary>One account may no longer enter.</summary>
    public Task PutOutAsync(DbSession session, Room room, long userId) =>
        notices.AddAsync(session, new Notice(RoomNotices.MemberKind) { Key = room.FeedTopic.Value, Id = userId });

    /// <summary>Puts out everybody whom the room's access leaves no place.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="room">As it is from now on.</param>
    /// <param name="memberIds">Its members; looked at for private rooms only.</param>
    public Task PutOutStrangersAsync(DbSession session, Room room, IReadOnlySet<long> memberIds) => room.Access switch
    {
        Access.Guests => Task.CompletedTask,
        Access.Members => notices.AddAsync(session, new Notice(RoomNotices.GuestsKind) { Key = room.FeedTopic.Value }),
        Access.Private => notices.AddAsync(session, new Notice(RoomNotices.StrangersKind) { Key = room.FeedTopic.Value, Except = [.. memberIds] }),
        _ => throw new InvalidOperationException($"Access {room.Access} has no rule."),
    };

    /// <summary>One guest may no longer enter, nor whoever has no account and comes from this address. Without a room: any room.</summary>
    public Task PutOutGuestAsync(DbSession session, Room? room, string guestId, string? address) =>
        notices.AddAsync(session, new Notice(RoomNotices.GuestKind) { Key = room?.FeedTopic.Value, Guest = guestId, Address = address });

    /// <summary>The room is gone.</summary>
    public Task PutOutAllAsync(DbSession session, string room) =>
        notices.AddAsync(session, new Notice(RoomNotices.GoneKind) { Key = Topic.Room(RoomName.Key(room)).Value });
}

/// <summary>Acts on what <see cref="RoomEvictions"/> tells of.</summary>
internal sealed class RoomNotices(ConnectionRegistry registry) : INoticeHandler
{
    internal const string MemberKind = "room_member_out";
    internal const string GuestKind = "room_guest_out";
    internal const string GuestsKind = "room_guests_out";
    internal const string StrangersKind = "room_strangers_out";
    internal const string GoneKind = "room_gone";

    public void Handle(Notice notice)
    {
        var topic = new Topic(notice.Key ?? "");
        switch (notice.Kind)
        {
            case MemberKind:
                registry.Evict(topic, notice.Id);
                break;
            case GuestKind:
                bool IsMeant(Caller caller) => caller.IsGuest
                    && (caller.GuestId == notice.Guest || (notice.Address is { } address && caller.Network == address));
                if (notice.Key is null)
                {
                    registry.CloseCallers(IsMeant);
                }
                else
                {
                    registry.EvictAllBut(topic, caller => !IsMeant(caller));
                }
                break;
            case GuestsKind:
                registry.EvictAllBut(topic, caller => caller.IsUser);
                break;
            case StrangersKind:
                var members = notice.Except?.ToHashSet() ?? [];
                registry.EvictAllBut(topic, caller => caller.UserId is { } id && members.Contains(id));
                break;
            case GoneKind:
                registry.CloseTopic(topic);
                break;
        }
    }
}
