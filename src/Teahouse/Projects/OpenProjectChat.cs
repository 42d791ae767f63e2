using System.Security.Cryptography;
using Teahouse.Messages;
using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Projects;

/// <summary>Finds the one chat of a visitor with a project's owner, and makes it at need. Thread-safe.</summary>
public sealed class OpenProjectChat(Db db, ProjectAccess access, ProjectStore store, ProjectChatQueries queries, RoomStore rooms, MessagePublisher publisher, TimeProvider time)
{
    // 24 of 32 signs are 120 bits: what keeps a chat's address from being guessed. One case only, as names of rooms are compared without regard to it.
    private const string KeyLetters = "abcdefghijkmnpqrstuvwxyz23456789";
    private const int KeyLength = 24;

    /// <summary>Returns the chat; two first visits at once find the same one.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.SignInFirst"/>; <see cref="Refusal.NoSuchProject"/>; <see cref="Refusal.NotChatting"/>: the caller is the owner.</exception>
    public async Task<ProjectChat> ExecuteAsync(Caller caller, Project project, CancellationToken ct)
    {
        if (caller.UserId is not { } visitorId)
        {
            throw new RefusedException(Refusal.SignInFirst);
        }
        return await db.ReadAsync(session => queries.FindAsync(session, project.Id, visitorId), ct)
            ?? await db.WriteAsync(session => MakeAsync(session, project.Slug, caller, visitorId), ct);
    }

    private async Task<ProjectChat> MakeAsync(DbSession session, string slug, Caller caller, long visitorId)
    {
        // Whoever comes second waits here and finds the chat of the first.
        var project = await access.LockAsync(session, slug);
        if (project.IsOwnedBy(caller))
        {
            throw new RefusedException(Refusal.NotChatting);
        }
        if (await queries.FindAsync(session, project.Id, visitorId) is { } made)
        {
            return made;
        }
        await MakeRoomAsync(session, project, visitorId, time.GetUtcNow());
        return await queries.FindAsync(session, project.Id, visitorId) ?? throw new InvalidOperationException("A chat just made is there.");
    }

    /// <summary>Makes the chat, in the transaction of whoever holds the project and has seen that there is none.</summary>
    internal async Task<Room> MakeRoomAsync(DbSession session, Project project, long visitorId, DateTimeOffset at)
    {
        var key = RandomNumberGenerator.GetString(KeyLetters, KeyLength);
        var room = await rooms.InsertAsync(session, Room.ProjectKind, key, project.Title, "", Access.Private, project.OwnerId, at, $"/chats/project/{project.Slug}/{key}")
            ?? throw new InvalidOperationException("A key was drawn twice.");
        if (project.OwnerId is { } ownerId)
        {
            await rooms.AddMemberAsync(session, room.Id, ownerId, Role.Owner, 0, at);
            Tell(session, room, ownerId);
        }
        await rooms.AddMemberAsync(session, room.Id, visitorId, Role.Member, 0, at);
        Tell(session, room, visitorId);
        await store.AddChatAsync(session, room.Id, project.Id, visitorId);
        return room;
    }

    /// <summary>Lets the open pages of a member find the new room.</summary>
    private void Tell(DbSession session, Room room, long userId) =>
        session.AfterCommit(() => publisher.Enqueue(Topic.User(userId), V1Frames.Room(room, archived: false)));
}
