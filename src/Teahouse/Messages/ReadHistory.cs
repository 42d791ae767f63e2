using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Messages;

/// <summary>Which messages are asked for; at most one of the three is set, none means the latest.</summary>
/// <param name="Before">Those before this number.</param>
/// <param name="After">Those after this number.</param>
/// <param name="SinceRev">Those that changed after this revision.</param>
/// <param name="Limit">At most this many, 1 to <see cref="ReadHistory.MaxLimit"/>.</param>
public sealed record HistoryQuery(long? Before, long? After, long? SinceRev, int Limit);

/// <param name="Messages">Oldest first; for <see cref="HistoryQuery.SinceRev"/>, lowest revision first.</param>
/// <param name="HasMore">There are more in the direction asked for.</param>
/// <param name="Rev">The revision up to which the reader is whole when it has taken these: the room's, or the last message's when there is more.</param>
/// <param name="OtherReadSeq">In a room of two how far the other one has read; null elsewhere.</param>
public sealed record HistoryPage(IReadOnlyList<Message> Messages, bool HasMore, long Rev, long? OtherReadSeq = null);

/// <summary>Reads a page of a room's history by keyset. Thread-safe.</summary>
public sealed class ReadHistory(Db db, MessageQueries queries, RoomPageQueries members)
{
    public const int MaxLimit = 200;

    public async Task<HistoryPage> ExecuteAsync(RoomPass pass, HistoryQuery query, CancellationToken ct)
    {
        if (pass.Room is not { } room)
        {
            return new HistoryPage([], false, 0);
        }
        return await db.ReadAsync(async session =>
        {
            var head = await queries.FindHeadAsync(session, room.Id) ?? throw new RefusedException(Refusal.NoSuchRoom);
            // One more than asked for tells whether there are more.
            var limit = query.Limit + 1;
            var messages = query switch
            {
                { SinceRev: { } rev } => await queries.ListChangesAsync(session, room.Id, head, rev, limit),
                { After: { } after } => await queries.ListAfterAsync(session, room.Id, after, limit),
                _ => await queries.ListBeforeAsync(session, room.Id, query.Before ?? long.MaxValue, limit),
            };
            var hasMore = messages.Count > query.Limit;
            if (hasMore)
            {
                // Read backwards, the surplus one is the oldest.
                messages.RemoveAt(query.SinceRev is null && query.After is null ? 0 : messages.Count - 1);
            }
            return new HistoryPage(messages, hasMore, hasMore && query.SinceRev is not null ? messages[^1].Rev : head.Rev, await FindOtherReadSeqAsync(session, room, pass.Caller));
        }, ct);
    }

    private async Task<long?> FindOtherReadSeqAsync(DbSession session, Room room, Caller caller) =>
        room.Access == Access.Private ? RoomPageQueries.FindOther(room, await members.ListMembersAsync(session, room.Id), caller.UserId)?.LastReadSeq : null;
}
