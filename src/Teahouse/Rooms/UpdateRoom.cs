using Teahouse.Realtime;
using Teahouse.Storage;

namespace Teahouse.Rooms;

public sealed record UpdateRoomInput(string? Title, string? Topic, string? Access);

/// <summary>Changes a room's title, topic and access. Thread-safe.</summary>
public sealed class UpdateRoom(Db db, RoomStore store, RoomQueries queries, AnnounceRoomEvent announce, ConnectionRegistry registry, TimeProvider time)
{
    /// <summary>Whoever may no longer enter is put out at once.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/> for ordinary members; <see cref="Refusal.BadTitle"/>, <see cref="Refusal.BadTopic"/>, <see cref="Refusal.BadChoice"/>.</exception>
    public async Task ExecuteAsync(RoomPass pass, UpdateRoomInput input, CancellationToken ct)
    {
        var before = pass.Moderated();
        var after = before with
        {
            Title = RoomInput.Title(input.Title, before.Name),
            Topic = RoomInput.Topic(input.Topic),
            Access = RoomInput.Access(input.Access),
        };
        await db.WriteAsync(async session =>
        {
            await store.UpdateAsync(session, after);
            // An archived room takes no messages: its settings may change all the same.
            if (!before.IsArchived)
            {
                await AnnounceAsync(session, pass.Caller, before, after);
            }
            if (after.Access != before.Access)
            {
                await AuditLog.AddAsync(session, time.GetUtcNow(), pass.Caller.Username, "room_access_changed", after.Name, after.Access.ToText());
                var members = after.Access == Access.Private ? await queries.ListMemberIdsAsync(session, after.Id) : [];
                session.AfterCommit(() => PutOut(after, members));
            }
        }, ct);
    }

    private async Task AnnounceAsync(DbSession session, Caller actor, Room before, Room after)
    {
        if (after.Title != before.Title)
        {
            await announce(session, after, actor, new RoomEvent(RoomEventTypes.TitleChanged, Value: after.Title));
        }
        if (after.Topic != before.Topic)
        {
            await announce(session, after, actor, new RoomEvent(RoomEventTypes.TopicChanged, Value: after.Topic));
        }
        if (after.Access != before.Access)
        {
            await announce(session, after, actor, new RoomEvent(RoomEventTypes.AccessChanged, Value: after.Access.ToText()));
        }
    }

    private void PutOut(Room room, HashSet<long> members)
    {
        switch (room.Access)
        {
            case Access.Members:
                registry.EvictAllBut(room.FeedTopic, caller => caller.IsUser);
                break;
            case Access.Private:
                registry.EvictAllBut(room.FeedTopic, caller => caller.UserId is { } id && members.Contains(id));
                break;
            case Access.Guests:
                break;
            default:
                throw new InvalidOperationException($"Access {room.Access} has no rule.");
        }
    }
}
