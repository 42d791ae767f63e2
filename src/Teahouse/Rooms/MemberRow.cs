namespace Teahouse.Rooms;

/// <summary>A member on the settings page, as far as the reader may act on them.</summary>
public sealed record MemberRow(RoomMember Member, RoomPass Reader)
{
    public bool IsReader => Reader.Caller.UserId == Member.UserId;

    public bool CanChangeRole => Reader.IsOwner;

    public bool CanRemove => !IsReader && (Reader.IsOwner || Member.Role == Role.Member);
}
