using Microsoft.Extensions.Localization;
using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>Turns what was read of a room into what its page shows, in the reader's words. Thread-safe.</summary>
public sealed class RoomPageText(MessageRows rows, Presence presence, ScriptTexts texts, IStringLocalizer<MessagesText> words, Settings settings)
{
    public RoomView Compose(RoomPass pass, RoomRead read, string epoch)
    {
        var room = read.Room;
        var caller = pass.Caller;
        var other = room is null ? null : RoomPageQueries.FindOther(room, read.Members, caller.UserId);
        var lastSeq = room?.LastSeq ?? 0;
        return new RoomView
        {
            Name = pass.Name,
            Title = room is { Title.Length: > 0 } ? room.Title : pass.Name,
            Topic = room?.Topic ?? "",
            Access = (room?.Access ?? Access.Guests).ToString(),
            IsArchived = !pass.CanPost,
            CanModerate = pass.CanModerate,
            IsPair = other is not null,
            OtherReadSeq = other?.LastReadSeq ?? 0,
            Me = caller.Username,
            MeName = caller.DisplayName,
            IsGuest = caller.IsGuest,
            GuestId = room is not null && caller.IsGuest ? Message.GuestTagOf(room.Id, caller.AuthorKey) : null,
            MaxChars = settings.MessageChars,
            IsUnborn = room is null,
            IsKnown = caller.AuthorKey is not null,
            IsNameless = caller.Kind == CallerKind.Anonymous,
            IsMember = read.Membership is not null,
            CanJoin = room is { IsArchived: false } && caller.IsUser && read.Membership is null,
            CanLeave = room is { Kind: Room.OrdinaryKind } && read.Membership is not null && !pass.IsOwner,
            Messages = rows.Of(read.Messages, caller, FirstUnread(read, caller)),
            HasOlder = read.Messages.Count > 0 && read.Messages[0].Seq > 1,
            HasNewer = read.Messages.Count > 0 && read.Messages[^1].Seq < lastSeq,
            Rev = room?.Rev ?? 0,
            Epoch = epoch,
            LastSeq = lastSeq,
            LastReadSeq = read.Membership?.LastReadSeq ?? 0,
            Members = Members(pass, read.Members),
            TimeZone = (caller.TimeZone ?? settings.TimeZone).Id,
            Nonce = Guid.CreateVersion7().ToString(),
            ScriptTexts = texts.Conversation(),
        };
    }

    /// <summary>The first message by somebody else after the read mark, if it is on the page.</summary>
    private static long? FirstUnread(RoomRead read, Caller caller) =>
        read.Membership is { LastReadSeq: > 0 } membership
            ? read.Messages.FirstOrDefault(message => message.Seq > membership.LastReadSeq && message.UserId != caller.UserId)?.Seq
            : null;

    private List<MemberView> Members(RoomPass pass, IReadOnlyList<PageMember> members)
    {
        var online = presence.List(pass.FeedTopic).Names.ToHashSet(StringComparer.Ordinal);
        return [.. members.Select(member => new MemberView(
            member.Username,
            member.DisplayName.Length > 0 ? member.DisplayName : member.Username,
            member.Role == Role.Owner,
            member.Role == Role.Member ? null : words["Role." + member.Role].Value,
            online.Contains(member.Username),
            member.AvatarColour))];
    }
}
