using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>A room's history, to which everything said and everything that happened is appended in one way. A process without a site has no
/// <c>publisher</c>: the nodes that have one find in the database what it wrote. Thread-safe.</summary>
public sealed class RoomLog(RoomStore rooms, RoomQueries roomQueries, MessageStore messages, MessageQueries queries, MessageSignal signal, MessagePublisher? publisher = null)
{
    private long _stored;

    /// <summary>Messages of this process that are on disk.</summary>
    internal long Stored => Volatile.Read(ref _stored);

    /// <summary>Gives the draft its numbers, stores it, and publishes it after the commit. Returns the message as stored.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="room">Where.</param>
    /// <param name="draft">Without id, seq and rev.</param>
    /// <param name="authorKey">Whose nonce the draft carries; null for none.</param>
    /// <param name="seenBy">The account whose own act a system message tells of: nothing new to them.</param>
    /// <exception cref="NonceRepeatedException">The author has used the nonce here before; the transaction must be undone.</exception>
    /// <exception cref="RefusedException">The room is archived, or gone.</exception>
    public async Task<Message> AppendAsync(DbSession session, Room room, Message draft, string? authorKey, long? seenBy = null)
    {
        var advance = await rooms.AdvanceForMessageAsync(session, room.Id, draft.CreatedAt)
            ?? throw new RefusedException(await queries.FindHeadAsync(session, room.Id) is null ? Refusal.NoSuchRoom : Refusal.Archived);
        var message = await messages.InsertAsync(session, room.Id, draft, advance, authorKey) ?? throw new NonceRepeatedException();
        if (seenBy is { } userId)
        {
            await rooms.SeeOwnActAsync(session, room.Id, userId, message.Seq);
        }
        session.AfterCommit(() => Publish(room, message, advance.WatcherId));
        return message;
    }

    /// <summary>Tells everybody who listens of a message that is on disk.</summary>
    /// <param name="room">Where.</param>
    /// <param name="message">With its numbers.</param>
    /// <param name="watcherId">See <see cref="Advance.WatcherId"/>.</param>
    public void Publish(Room room, Message message, long? watcherId)
    {
        Interlocked.Increment(ref _stored);
        publisher?.Enqueue(room.FeedTopic, room.Name, message);
        if (watcherId is { } userId)
        {
            publisher?.EnqueueHead(Topic.User(userId), room.Name, message.Rev);
        }
        signal.Set();
    }

    /// <summary>Has an author who waits go on once what was published before has reached the feeds of this process.</summary>
    internal void LetGoOn(IThreadPoolWorkItem author)
    {
        if (publisher is null)
        {
            author.Execute();
        }
        else
        {
            publisher.Enqueue(author);
        }
    }

    /// <summary>Done when what was committed before has reached the feeds of this process: from then on nobody here is given what it took back.</summary>
    internal Task PublishedAsync()
    {
        var arrival = new Arrival();
        LetGoOn(arrival);
        return arrival.Task;
    }

    /// <summary>Empties messages and says so to everybody who listens, after the commit. Returns those that were not removed before, as they are now. To be called with the room locked
    /// (<see cref="RoomStore.LockAsync"/>), for a bounded number at a time.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="room">Where; messages of others are passed over.</param>
    /// <param name="ids">Which.</param>
    /// <param name="at">When.</param>
    public async Task<IReadOnlyList<Message>> RemoveAsync(DbSession session, Room room, IReadOnlyList<long> ids, DateTimeOffset at)
    {
        List<Message> found = [];
        foreach (var id in ids)
        {
            if (await MessageQueries.FindAsync(session, room.Id, id) is { DeletedAt: null } message)
            {
                found.Add(message with { Text = "", DeletedAt = at });
            }
        }
        return await ReviseAsync(session, room, found, message => messages.RemoveAsync(session, message.Id, message.Rev, at));
    }

    /// <summary>Gives a message another text and says so to everybody who listens, after the commit. Returns it as it is now; null when it was removed. To be called with the room locked.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="room">Where.</param>
    /// <param name="id">Which.</param>
    /// <param name="text">What it says from now on; what it says already changes nothing.</param>
    /// <param name="at">When.</param>
    public async Task<Message?> EditAsync(DbSession session, Room room, long id, string text, DateTimeOffset at)
    {
        if (await MessageQueries.FindAsync(session, room.Id, id) is not { DeletedAt: null } message)
        {
            return null;
        }
        if (message.Text == text)
        {
            return message;
        }
        // To the millisecond, as it is stored; and later than it was said, whatever the clock says: that is what tells an edited text (Message.TextEditedAt).
        var now = DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds());
        var edited = message with { Text = text, EditedAt = now > message.CreatedAt ? now : message.CreatedAt.AddMilliseconds(1) };
        return (await ReviseAsync(session, room, [edited], revised => messages.EditAsync(session, revised)))[0];
    }

    /// <summary>Puts other messages in the place of some, each at a revision of its own, and says so to everybody who listens, after the commit. As <see cref="RemoveAsync"/>, but also for what is
    /// removed already.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="room">Where; messages of others are passed over.</param>
    /// <param name="ids">Which.</param>
    /// <param name="change">What becomes of each: whose it is, what it says, whether it is removed.</param>
    internal async Task ChangeAsync(DbSession session, Room room, IReadOnlyList<long> ids, Func<Message, Message> change)
    {
        List<Message> found = [];
        foreach (var id in ids)
        {
            if (await MessageQueries.FindAsync(session, room.Id, id) is { } message)
            {
                var changed = change(message);
                found.Add(changed with { EditedAt = changed.EditedAt ?? changed.CreatedAt });
            }
        }
        await ReviseAsync(session, room, found, message => MessageStore.ReplaceAsync(session, message));
    }

    /// <summary>Gives each change the room's next revision, stores it, and publishes it after the commit.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="room">Where.</param>
    /// <param name="changes">As they are to be, with the revisions they had.</param>
    /// <param name="store">Writes one.</param>
    private async Task<IReadOnlyList<Message>> ReviseAsync(DbSession session, Room room, List<Message> changes, Func<Message, Task> store)
    {
        if (changes.Count == 0)
        {
            return changes;
        }
        var rev = await rooms.AdvanceForChangesAsync(session, room.Id, changes.Count) - changes.Count;
        for (var i = 0; i < changes.Count; i++)
        {
            changes[i] = changes[i] with { Rev = ++rev, FormerRev = changes[i].Rev };
            await store(changes[i]);
        }
        session.AfterCommit(() =>
        {
            foreach (var message in changes)
            {
                publisher?.Enqueue(room.FeedTopic, room.Name, message);
            }
        });
        return changes;
    }

    /// <summary>The message the author of <paramref name="draft"/> sent to this room with the same nonce; null when there is none.</summary>
    public async Task<Message?> FindByNonceAsync(DbSession session, RoomPass pass, Message draft)
    {
        if (pass.Caller.AuthorKey is not { } authorKey || draft.Nonce is not { } nonce)
        {
            return null;
        }
        var room = await roomQueries.FindAsync(session, RoomName.Key(pass.Name));
        return room is null ? null : await queries.FindByNonceAsync(session, room.Id, authorKey, nonce);
    }
}

/// <summary>Waits in the publisher's line for nothing but its turn.</summary>
internal sealed class Arrival() : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), IThreadPoolWorkItem
{
    void IThreadPoolWorkItem.Execute() => TrySetResult();
}

/// <summary>The author has sent a message with this nonce to this room before.</summary>
public sealed class NonceRepeatedException : Exception;
