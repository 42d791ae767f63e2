using Teahouse.Realtime;

namespace Teahouse.Rooms;

/// <summary>Proof that a caller may be in a room: the only way to reach one. Made by <see cref="RoomAccess"/> alone; operations that read
/// or write a room take it as an argument, so that a forgotten check does not compile.</summary>
public sealed class RoomPass
{
    internal RoomPass(Caller caller, string name, Room? room, Membership? membership)
    {
        Caller = caller;
        Name = name;
        Room = room;
        Membership = membership;
        FeedTopic = room?.FeedTopic ?? Topic.Room(RoomName.Key(name));
    }

    public Caller Caller { get; }

    /// <summary>An administrator's, who governs a room without being in it. It is made for operations that change the room itself, not to read by.</summary>
    internal bool IsAdministration { get; init; }

    /// <summary>The room's name in its maker's spelling; for an unborn room as it was asked for.</summary>
    public string Name { get; }

    /// <summary>Null while the room is unborn: a name nobody has used yet, whose first message makes it.</summary>
    public Room? Room { get; }

    /// <summary>Null for guests and for users who only look in.</summary>
    public Membership? Membership { get; }

    public Topic FeedTopic { get; }

    public bool IsUnborn => Room is null;

    public bool CanPost => Room is null || !Room.IsArchived;

    /// <summary>May change the room's settings and remove ordinary members.</summary>
    public bool CanModerate => HasSettings && (IsAdministration || Membership?.Role is Role.Owner or Role.Moderator);

    /// <summary>The room, for those who may change its settings.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>.</exception>
    internal Room Moderated() => CanModerate && Room is { } room ? room : throw new RefusedException(Refusal.Forbidden);

    /// <summary>The room, for its owners.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>.</exception>
    internal Room Owned() => IsOwner && Room is { } room ? room : throw new RefusedException(Refusal.Forbidden);

    /// <summary>The same pass for a guest who goes by another nickname in this frame.</summary>
    internal RoomPass As(Caller guest) => guest.IsGuest && Caller.IsGuest
        ? new RoomPass(guest, Name, Room, Membership)
        : throw new InvalidOperationException("Only a guest may change names.");

    /// <summary>The same pass for the same caller, of whom others may see something else by now.</summary>
    internal RoomPass Of(Caller caller) => ReferenceEquals(caller, Caller) ? this : caller.AuthorKey == Caller.AuthorKey
        ? new RoomPass(caller, Name, Room, Membership) { IsAdministration = IsAdministration }
        : throw new InvalidOperationException("A pass is for one caller.");

    public bool IsOwner => HasSettings && (IsAdministration || Membership?.Role is Role.Owner);

    /// <summary>Who is in a project chat or a direct one follows from what it is; nobody can change it there.</summary>
    private bool HasSettings => Room?.Kind == Room.OrdinaryKind;
}
