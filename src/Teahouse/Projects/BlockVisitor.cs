using Teahouse.Messages;
using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Projects;

/// <summary>Ends a project's chat with a visitor, or takes it up again. Thread-safe.</summary>
public sealed class BlockVisitor(RoomAccess access, ProjectChatQueries chats, RoomStore rooms, RoomEvictions evictions, MessagePublisher publisher, TimeProvider time)
{
    /// <summary>The visitor can neither read nor write in the chat any more, at once; the owner keeps it to read.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/> for anyone but the owner, <see cref="Refusal.NoSuchUser"/>: the visitor's account is gone.</exception>
    public Task BlockAsync(RoomPass pass, CancellationToken ct) => ChangeAsync(pass, async (session, room, visitorId) =>
    {
        var at = time.GetUtcNow();
        await rooms.BanAsync(session, room.Id, visitorId, pass.Caller.UserId, at);
        await rooms.SetArchivedAsync(session, room.Id, at);
        // Before the frame: it is for the owner's pages.
        await evictions.PutOutAsync(session, room, visitorId);
        session.AfterCommit(() => publisher.Enqueue(room.FeedTopic, V1Frames.Room(room, archived: true)));
        return "visitor_blocked";
    }, ct);

    /// <summary>The visitor is back in the chat; nothing was said meanwhile.</summary>
    /// <exception cref="RefusedException">As <see cref="BlockAsync"/>.</exception>
    public Task UnblockAsync(RoomPass pass, CancellationToken ct) => ChangeAsync(pass, async (session, room, visitorId) =>
    {
        await rooms.UnbanAsync(session, room.Id, visitorId);
        await rooms.AddMemberAsync(session, room.Id, visitorId, Role.Member, room.LastSeq, time.GetUtcNow());
        await rooms.SetArchivedAsync(session, room.Id, null);
        var frame = V1Frames.Room(room, archived: false);
        session.AfterCommit(() => publisher.Enqueue(room.FeedTopic, frame));
        session.AfterCommit(() => publisher.Enqueue(Topic.User(visitorId), frame));
        return "visitor_unblocked";
    }, ct);

    private Task ChangeAsync(RoomPass pass, Func<DbSession, Room, long, Task<string>> change, CancellationToken ct) => access.ChangeAsync(pass, async (session, now) =>
    {
        if (now is not { Room: { Kind: Room.ProjectKind } room, Membership.Role: Role.Owner })
        {
            throw new RefusedException(Refusal.Forbidden);
        }
        var chat = await chats.FindAsync(session, room.Name);
        if (chat is not { VisitorId: { } visitorId, Visitor: { } visitor })
        {
            throw new RefusedException(Refusal.NoSuchUser);
        }
        var what = await change(session, room, visitorId);
        await AuditLog.AddAsync(session, time.GetUtcNow(), pass.Caller, what, room.Name, visitor);
    }, ct);
}
