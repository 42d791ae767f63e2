using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Projects;

/// <summary>Makes somebody else the owner of a project and of all its chats. Thread-safe.</summary>
public sealed class GiveProject(ProjectAccess access, ProjectStore store, ProjectChatQueries chats, RoomStore rooms, RoomQueries roomQueries,
    AnnounceRoomEvent announce, RoomEvictions evictions, TimeProvider time)
{
    /// <summary>Chats handed over in one transaction, so that it holds nobody up.</summary>
    private const int Batch = 50;

    /// <summary>The new owner reads on where the old one was; for the old one the chats are gone at once. The visitors read in the chat whom they talk with from
    /// now on. If the new owner was a visitor, their chat with the old one goes on the other way round. Of very many chats the later ones follow in transactions of their own; should the program
    /// end in between, an administrator or the new owner gives it to the same user once more, and it goes on.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchProject"/>, <see cref="Refusal.NoSuchUser"/>, <see cref="Refusal.AlreadyOwner"/>.</exception>
    public async Task ExecuteAsync(Caller caller, string slug, string? username, CancellationToken ct)
    {
        var progress = new Progress();
        await access.ChangeAsync(caller, slug, (session, project) => GiveSomeAsync(session, caller, project, username, progress), ct);
        while (!progress.IsDone)
        {
            await access.GoOnAsync(slug, (session, project) => GiveSomeAsync(session, caller, project, username, progress));
        }
    }

    private async Task GiveSomeAsync(DbSession session, Caller caller, Project project, string? username, Progress progress)
    {
        var user = await roomQueries.FindUserAsync(session, username) ?? throw new RefusedException(Refusal.NoSuchUser);
        var some = await chats.ListNotOwnedAsync(session, project.Id, user.Id, progress.After, Batch);
        var at = time.GetUtcNow();
        if (progress.After == 0)
        {
            if (user.Id == project.OwnerId && some.Count == 0)
            {
                throw new RefusedException(Refusal.AlreadyOwner, user.Username);
            }
            await store.SetOwnerAsync(session, project.Id, user.Id, at);
            await AuditLog.AddAsync(session, at, caller, "project_given", project.Slug, before: project.Owner, after: user.Username);
        }
        else if (user.Id != project.OwnerId)
        {
            // Somebody has given it away again meanwhile, with all its chats.
            progress.IsDone = true;
            return;
        }
        var isTold = progress.After == 0;
        foreach (var chat in some)
        {
            await rooms.LockAsync(session, chat.RoomId);
            if (await roomQueries.FindAsync(session, chat.Room) is { } room)
            {
                await HandOverAsync(session, new Handover(room, chat, room.OwnerId, user, caller, isTold), at);
                isTold = false;
            }
        }
        session.AfterCommit(() => (progress.IsDone, progress.After) = (some.Count < Batch, some.Count == 0 ? progress.After : some[^1].RoomId));
    }

    /// <summary>How far the giving has come; moved on by what is committed only, for a transaction may run again.</summary>
    private sealed class Progress
    {
        public bool IsDone { get; set; }

        /// <summary>The last chat's room; 0 before the first.</summary>
        public long After { get; set; }
    }

    /// <param name="Room">One chat's.</param>
    /// <param name="Chat">Whose it is.</param>
    /// <param name="From">Null when the old owner's account is gone.</param>
    /// <param name="To">The new owner.</param>
    /// <param name="Actor">Who gave the project.</param>
    /// <param name="IsTold">The new owner's pages are told of this room, and find the others with it.</param>
    private sealed record Handover(Room Room, ProjectChat Chat, long? From, NamedUser To, Caller Actor, bool IsTold);

    private async Task HandOverAsync(DbSession session, Handover what, DateTimeOffset at)
    {
        var (room, chat, from, to, actor, isTold) = what;
        var before = from is { } id ? await roomQueries.FindMembershipAsync(session, room.Id, id) : null;
        var isSwap = chat.VisitorId == to.Id;
        if (isSwap)
        {
            await store.SetVisitorAsync(session, room.Id, from);
            if (await rooms.UnbanAsync(session, room.Id, to.Id))
            {
                await rooms.SetArchivedAsync(session, room.Id, null);
                room = room with { ArchivedAt = null };
            }
        }
        var isAnnounced = !room.IsArchived && room.LastSeq > 0;
        // The announcement is no news to the one it is about.
        var readUpTo = before is null || before.Unread(room.LastSeq) == 0 ? room.LastSeq + (isAnnounced ? 1 : 0) : before.LastReadSeq;
        await rooms.AddMemberAsync(session, room.Id, to.Id, Role.Owner, readUpTo, at);
        await rooms.SetRoleAsync(session, room.Id, to.Id, Role.Owner);
        if (from is { } old && isSwap)
        {
            await rooms.SetRoleAsync(session, room.Id, old, Role.Member);
        }
        else if (from is { } gone)
        {
            await rooms.RemoveMemberAsync(session, room.Id, gone);
            // Before the announcement: what is said next is not for them.
            await evictions.PutOutAsync(session, room, gone);
        }
        if (isAnnounced)
        {
            await announce(session, room, actor, new RoomEvent(RoomEventTypes.ProjectGiven, to.Username) { NewMemberId = isTold ? to.Id : null });
        }
    }
}
