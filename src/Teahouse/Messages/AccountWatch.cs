using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>What concerns an account itself (a chat of its project moved, it is a member of another room) has no revision by which a lost hint would show. When some may be lost, what has happened
/// since is told again; clients take it as often as it comes. Not thread-safe.</summary>
internal sealed class AccountWatch(ConnectionRegistry registry, MessagePublisher publisher, RoomQueries rooms, Db db, TimeProvider time)
{
    /// <summary>Clocks of several machines differ, and a commit takes a moment.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);

    private const int AccountsAtOnce = 500;

    // What was told, and when: each look goes a little further back than the one before, and meets it again.
    private readonly Dictionary<(long UserId, string Room, long Rev), DateTimeOffset> _told = [];
    private DateTimeOffset _lookedAt = time.GetStoredNow();

    /// <summary>To be called again and again.</summary>
    /// <param name="isWhole">All hints have come since the last time.</param>
    /// <param name="ct">The program stops.</param>
    public async Task TellAsync(bool isWhole, CancellationToken ct)
    {
        var now = time.GetStoredNow();
        if (!isWhole)
        {
            await TellSinceAsync(_lookedAt - Slack, now, ct);
        }
        _lookedAt = now;
        foreach (var (told, at) in _told)
        {
            // No look goes back to it any more.
            if (now - at > Slack * 3)
            {
                _told.Remove(told);
            }
        }
    }

    private async Task TellSinceAsync(DateTimeOffset since, DateTimeOffset now, CancellationToken ct)
    {
        foreach (var userIds in registry.Feeds.Select(static feed => Topic.UserIdOf(feed.Topic)).OfType<long>().Chunk(AccountsAtOnce))
        {
            var (chats, memberships) = await db.ReadAsync(async session =>
                (await rooms.ListMovedChatsAsync(session, userIds, since), await rooms.ListNewMembershipsAsync(session, userIds, since)), ct);
            foreach (var (userId, room, rev) in chats.Where(chat => _told.TryAdd(chat, now)))
            {
                publisher.EnqueueForeign(Topic.User(userId), MessagePublisher.Head(room, rev));
            }
            foreach (var (userId, room) in memberships.Where(found => _told.TryAdd((found.UserId, found.Room.Name, 0), now) && !Listens(found.UserId, found.Room)))
            {
                publisher.EnqueueForeign(Topic.User(userId), V1Frames.Room(room, room.IsArchived));
            }
        }
    }

    /// <summary>Who listens to the room knows of it, and how it is by now.</summary>
    private bool Listens(long userId, Room room) =>
        registry.FindFeed(room.FeedTopic) is { } feed && Array.Exists(feed.ListSubscriptions(), subscription => subscription.Connection.Caller.UserId == userId);
}
