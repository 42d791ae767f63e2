using Teahouse.Storage;

namespace Teahouse.Rooms;

/// <summary>What is to change; null stays as it is.</summary>
public sealed record UpdateRoomInput(string? Title, string? Topic, string? Access);

/// <summary>Changes a room's title, topic and access. Thread-safe.</summary>
public sealed class UpdateRoom(RoomStore store, RoomQueries queries, RoomAccess access, AnnounceRoomEvent announce, RoomEvictions evictions, TimeProvider time)
{
    /// <summary>Whoever may no longer enter is put out at once.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/> for ordinary members; <see cref="Refusal.BadTitle"/>, <see cref="Refusal.BadTopic"/>, <see cref="Refusal.BadChoice"/>.</exception>
    public async Task ExecuteAsync(RoomPass pass, UpdateRoomInput input, CancellationToken ct)
    {
        var title = input.Title is null ? null : RoomInput.Title(input.Title, pass.Name);
        var topic = input.Topic is null ? null : RoomInput.Topic(input.Topic);
        Access? choice = input.Access is null ? null : RoomInput.Access(input.Access);
        await access.ChangeAsync(pass, async (session, now) =>
        {
            var before = now.Moderated();
            var after = before with { Title = title ?? before.Title, Topic = topic ?? before.Topic, Access = choice ?? before.Access };
            await store.UpdateAsync(session, after);
            if (after.Access != before.Access)
            {
                await AuditLog.AddAsync(session, time.GetUtcNow(), pass.Caller, "room_access_changed", after.Name, before: before.Access.ToText(), after: after.Access.ToText());
                var members = after.Access == Access.Private ? await queries.ListMemberIdsAsync(session, after.Id) : [];
                // Before the announcements: a title given with the door closed is read inside only.
                await evictions.PutOutStrangersAsync(session, after, members);
            }
            // An archived room takes no messages: its settings may change all the same.
            if (!before.IsArchived)
            {
                await AnnounceAsync(session, pass.Caller, before, after);
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
}
