using Teahouse.Storage;

namespace Teahouse.Sinks;

/// <summary>How far a sink is behind.</summary>
/// <param name="Messages">Not delivered yet; no more than <see cref="SinkQueries.MaxLag"/> are counted.</param>
/// <param name="Since">When the oldest of those was said.</param>
internal sealed record SinkLag(long Messages, DateTimeOffset? Since);

/// <summary>SQL that counts how far many sinks are behind at once: the newest stretch of the log is read once for all of them. Stateless.</summary>
internal static class SinkLags
{
    /// <summary>Sinks behind that stretch, each with a read of its own.</summary>
    private const int MaxFar = 20;

    private const string Recent = """
        SELECT id, room_id, created_at
        FROM messages
        WHERE id > @after
        ORDER BY id
        LIMIT @limit
        """;

    private const string Rooms = """
        SELECT w.sink_id, wr.room_id
        FROM webhooks w
        JOIN webhook_rooms wr ON wr.webhook_id = w.id
        WHERE w.sink_id IS NOT NULL
        UNION ALL
        SELECT s.id, c.room_id
        FROM sinks s
        JOIN project_chats c ON c.project_id = s.project_id
        LIMIT 200000
        """;

    private const string Far = """
        SELECT COUNT(*) AS messages, MIN(b.created_at) AS oldest
        FROM (SELECT id, room_id, created_at FROM messages WHERE id > @after ORDER BY id LIMIT @stretch) b
        WHERE (@roomId IS NULL OR b.room_id = @roomId)
          AND (@projectId IS NULL OR b.room_id IN (SELECT c.room_id FROM project_chats c WHERE c.project_id = @projectId))
          AND (@kind <> 'webhook' OR b.room_id IN (SELECT wr.room_id FROM webhook_rooms wr JOIN webhooks w ON w.id = wr.webhook_id WHERE w.sink_id = @id))
        """;

    /// <summary>Of those that are behind, by their ids. Of those far behind beyond the first <see cref="MaxFar"/>, only that they are: since their last success.</summary>
    public static async Task<Dictionary<long, SinkLag>> ReadAsync(DbSession session, IReadOnlyList<SinkRow> sinks, long newest)
    {
        Dictionary<long, SinkLag> lags = [];
        var behind = sinks.Where(sink => sink.CursorId < newest).ToList();
        if (behind.Count == 0)
        {
            return lags;
        }
        var begin = newest - SinkQueries.MaxLag;
        await CountNearAsync(session, behind.FindAll(sink => sink.CursorId >= begin), lags);
        var far = 0;
        foreach (var sink in behind.Where(sink => sink.CursorId < begin))
        {
            if (++far > MaxFar)
            {
                lags[sink.Id] = new SinkLag(SinkQueries.MaxLag, sink.LastSuccessAt ?? sink.CreatedAt);
                continue;
            }
            var row = await session.GetAsync<LagRow>(Far, new { after = sink.CursorId, stretch = SinkQueries.MaxLag, roomId = sink.RoomId, projectId = sink.ProjectId, kind = sink.Kind, id = sink.Id });
            lags[sink.Id] = new SinkLag(row.Messages, row.Oldest);
        }
        return lags;
    }

    private static async Task CountNearAsync(DbSession session, List<SinkRow> near, Dictionary<long, SinkLag> lags)
    {
        if (near.Count == 0)
        {
            return;
        }
        var log = await session.QueryAsync<LogRow>(Recent, new { after = near.Min(sink => sink.CursorId), limit = SinkQueries.MaxLag });
        var byRoom = log.GroupBy(row => row.RoomId).ToDictionary(room => room.Key, room => room.ToList());
        var rooms = near.TrueForAll(sink => IsWhole(sink) || sink.RoomId is not null) ? null : (await session.QueryAsync<RoomRow>(Rooms)).ToLookup(row => row.SinkId, row => row.RoomId);
        foreach (var sink in near)
        {
            var logs = IsWhole(sink) ? [log]
                : (sink.RoomId is { } roomId ? [roomId] : rooms?[sink.Id] ?? []).Select(byRoom.GetValueOrDefault).OfType<List<LogRow>>();
            var (count, since) = (0, (DateTimeOffset?)null);
            foreach (var rows in logs)
            {
                var first = FirstAfter(rows, sink.CursorId);
                count += rows.Count - first;
                since = first < rows.Count && !(rows[first].CreatedAt >= since) ? rows[first].CreatedAt : since;
            }
            lags[sink.Id] = new SinkLag(count, since);
        }
    }

    private static bool IsWhole(SinkRow sink) => sink.RoomId is null && sink.ProjectId is null && sink.Kind != "webhook";

    /// <summary>Where the first row with a higher id stands, in rows in the order of their ids.</summary>
    private static int FirstAfter(List<LogRow> rows, long id)
    {
        var (low, high) = (0, rows.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = rows[middle].Id <= id ? (middle + 1, high) : (low, middle);
        }
        return low;
    }

    private sealed record LogRow
    {
        public required long Id { get; init; }
        public required long RoomId { get; init; }
        public required DateTimeOffset CreatedAt { get; init; }
    }

    private sealed record RoomRow
    {
        public required long SinkId { get; init; }
        public required long RoomId { get; init; }
    }

    private sealed record LagRow
    {
        public required long Messages { get; init; }
        public DateTimeOffset? Oldest { get; init; }
    }
}
