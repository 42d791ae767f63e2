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

    private const string Expired = """
        SELECT id, seq, (kind = 'text' AND deleted_at IS NULL) AS is_text
        FROM messages
        WHERE room_id = @roomId AND seq > @after AND created_at < @before AND id <= @through
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
                int removed;
                do
                {
                    removed = await db.WriteAsync(session => RemoveAsync(session, room.Id), ct);
                    count += Math.Max(0, removed);
                }
                while (removed >= 0);
            }
        }
        if (count > 0)
        {
            LogRemoved(log, count);
        }
    }

    /// <summary>One batch; −1 when the room has nothing more.</summary>
    private async Task<int> RemoveAsync(DbSession session, long roomId)
    {
        // What was chosen is read anew: it may have been changed a moment ago.
        if (!await roomStore.LockAsync(session, roomId) || await rooms.FindAsync(session, roomId) is not { } room
            || await rooms.GetRetentionAsync(session, roomId) is var retention && DaysOf(retention) is not { } days)
        {
            return -1;
        }
        var now = time.GetUtcNow();
        var through = await SinkQueries.FindDeliveredAsync(session, roomId, now.AddDays(-settings.RetentionSinkDays)) ?? long.MaxValue;
        var old = await session.QueryAsync<OldMessage>(Expired, new { roomId, after = retention.RetainedAfter, before = now.AddDays(-days), through, limit = Batch });
        if (old.Count == 0)
        {
            return -1;
        }
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
    }

    [LoggerMessage(Level = LogLevel.Information, EventName = "messages_expired", Message = "{Count} messages were older than they are kept and have been removed")]
    private static partial void LogRemoved(ILogger logger, long count);
}
