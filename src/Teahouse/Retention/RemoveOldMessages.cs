using System.Globalization;
using Teahouse.Jobs;
using Teahouse.Messages;
using Teahouse.Rooms;
using Teahouse.Sinks;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Retention;

/// <summary>At night: removes what is older than <c>RETENTION_DAYS</c>, or than its room wants it to be. What is removed leaves the trace of every removed message: its text is gone, its number stays,
/// so that nothing is missing from anybody's history. What the room itself says (who came, who went) stays. A message waits for every sink that wants it and has not got it yet, but
/// for no sink that has been paused or failing for longer than <c>RETENTION_SINK_DAYS</c>.</summary>
internal sealed partial class RemoveOldMessages(Db db, RoomQueries rooms, RoomStore roomStore, RoomLog roomLog, Settings settings, TimeProvider time, ILogger<RemoveOldMessages> log)
    : IScheduledWork
{
    /// <summary>What one transaction takes: others' messages wait for no more than that.</summary>
    private const int Batch = 200;

    private const int RoomsAtOnce = 200;

    // The next ones, whatever their age: a room's messages are in order of time (RoomStore.AdvanceForMessage), so that the first that is to stay ends the search. To look for old ones among all
    // would read the whole room every night.
    private const string Next = """
        SELECT id, seq, (kind = 'text' AND deleted_at IS NULL) AS is_text, (created_at < @before AND id <= @through) AS is_due
        FROM messages
        WHERE room_id = @roomId AND seq > @after
        ORDER BY seq
        LIMIT @limit
        """;

    public string Name => "old-messages";

    public string Cron => "0 41 3 * * ?";

    public async Task RunAsync(CancellationToken ct)
    {
        var count = 0L;
        List<RoomRetention> page;
        for (var after = 0L; (page = await db.ReadAsync(session => rooms.ListRetentionsAsync(session, after, settings.RetentionDays > 0, RoomsAtOnce), ct)).Count > 0; after = page[^1].Id)
        {
            foreach (var room in page)
            {
                // Most rooms have nothing to remove most nights, and need nobody's turn at writing for it.
                while (await db.ReadAsync(session => FindDueAsync(session, room.Id), ct) is { Messages.Count: > 0 })
                {
                    count += await db.WriteAsync(session => RemoveAsync(session, room.Id), ct);
                }
            }
        }
        if (count > 0)
        {
            LogRemoved(log, count);
        }
    }

    /// <summary>One batch. Returns how many messages lost their text.</summary>
    private async Task<int> RemoveAsync(DbSession session, long roomId)
    {
        // What was chosen is read anew: it may have been changed a moment ago.
        if (!await roomStore.LockAsync(session, roomId) || await rooms.FindAsync(session, roomId) is not { } room
            || await FindDueAsync(session, roomId) is not (var days, { Count: > 0 } old))
        {
            return 0;
        }
        var now = time.GetUtcNow();
        var ids = old.Where(message => message.IsText).Select(message => message.Id).ToList();
        if (ids.Count > 0)
        {
            await roomLog.RemoveAsync(session, room, ids, now);
            await AuditLog.AddAsync(session, now, Caller.System, "messages_expired", room.Name,
                string.Create(CultureInfo.InvariantCulture, $"{ids.Count} up to #{old[^1].Seq}, older than {days} days"));
        }
        await roomStore.SetRetainedAfterAsync(session, roomId, old[^1].Seq);
        return ids.Count;
    }

    /// <summary>The next messages that are to go, and after how many days; null when the room keeps everything, or is gone.</summary>
    private async Task<(long Days, List<OldMessage> Messages)?> FindDueAsync(DbSession session, long roomId)
    {
        if (await rooms.FindRetentionAsync(session, roomId) is not { } retention || DaysOf(retention) is not { } days)
        {
            return null;
        }
        var now = time.GetUtcNow();
        var through = await SinkQueries.FindDeliveredAsync(session, roomId, now.AddDays(-settings.RetentionSinkDays)) ?? long.MaxValue;
        var next = await session.QueryAsync<OldMessage>(Next, new { roomId, after = retention.RetainedAfter, before = now.AddDays(-days), through, limit = Batch });
        return (days, [.. next.TakeWhile(static message => message.IsDue)]);
    }

    private long? DaysOf(RoomRetention room) => (settings.RetentionDays, room.RetentionDays) switch
    {
        (0, var own) => own,
        (var site, null) => site,
        (var site, { } own) => Math.Min(site, own),
    };

    private sealed record OldMessage
    {
        public required long Id { get; init; }
        public required long Seq { get; init; }
        public required bool IsText { get; init; }
        public required bool IsDue { get; init; }
    }

    [LoggerMessage(Level = LogLevel.Information, EventName = "messages_expired", Message = "{Count} messages were older than they are kept and have been removed")]
    private static partial void LogRemoved(ILogger logger, long count);
}
