using System.Text.Json;

namespace Teahouse.Storage;

/// <summary>Has every node act on what one of them has changed: this one right after the commit, the others by a hint of the backplane or, whatever becomes of that, by reading the
/// table once a second. Each acts once on each. Where one process owns the database nothing is written down. Thread-safe.</summary>
public sealed partial class Notices(Db db, IServiceProvider services, TimeProvider time, ILogger<Notices> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private const int MaxRead = 1000;
    private const int StartTries = 10;

    private const string Table = "notices";

    private const string Insert = "INSERT INTO notices (body, created_at) VALUES (@body, @now) RETURNING id";

    private const string SelectNew = """
        SELECT id, body
        FROM notices
        WHERE id > @after
        ORDER BY id
        LIMIT @limit
        """;

    private const string DeleteOld = "DELETE FROM notices WHERE created_at < @before";

    // Resolved late: handlers belong to features that depend on the database, as this does.
    private readonly Lazy<INoticeHandler[]> _handlers = new(() => [.. services.GetServices<INoticeHandler>()]);

    // A transaction takes its number early and may commit late, however many and however long after the next ones: by no count and no clock is one passed over.
    private readonly SettledIds _settled = new(db, Table);

    // Guards the two below.
    private readonly object _gate = new();

    // Those beyond what was read up to that are acted on already.
    private readonly HashSet<long> _seen = [];
    private long _readUpTo;

    /// <summary>After the commit of one of this process: for a quicker way to the other nodes. The id and the body, as <see cref="Receive"/> takes them.</summary>
    public event Action<long, string>? Added;

    /// <summary>Writes the notice in the caller's transaction; it is acted on when, and only when, that is on disk, in the order of the calls.</summary>
    public async Task AddAsync(DbSession session, Notice notice)
    {
        if (!db.IsShared)
        {
            session.AfterCommit(() => Act(notice));
            return;
        }
        var body = JsonSerializer.Serialize(notice);
        var id = await session.GetAsync<long>(Insert, new { body, now = time.GetUtcNow() });
        session.AfterCommit(() =>
        {
            if (IsNew(id))
            {
                Act(notice);
                Added?.Invoke(id, body);
            }
        });
    }

    /// <summary>Takes a notice that another node has told of.</summary>
    public void Receive(long id, string body)
    {
        if (IsNew(id) && Parse(body) is { } notice)
        {
            Act(notice);
        }
    }

    /// <summary>Deletes what every node has read long ago.</summary>
    public Task DropOldAsync(CancellationToken ct) => db.WriteAsync(session => session.ExecuteAsync(DeleteOld, new { before = time.GetUtcNow() - Kept }), ct);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (db.IsShared)
        {
            // Before the first socket: what was told of until now concerns none of this process. What is not decided yet may.
            _readUpTo = await FindSettledAsync(cancellationToken);
            await base.StartAsync(cancellationToken);
        }
    }

    /// <summary>A database that restarts in this moment does not end the start.</summary>
    private async Task<long> FindSettledAsync(CancellationToken ct)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await _settled.FindAsync(ct);
            }
            catch (RefusedException) when (tries < StartTries)
            {
                await Task.Delay(Interval, ct);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await ReadNewAsync(stoppingToken);
                }
#pragma warning disable CA1031 // While the database is away nothing can be changed in it either; the next turn reads what was missed.
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    LogNotRead(log, e.Message);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
    }

    private async Task ReadNewAsync(CancellationToken ct)
    {
        // First this, then the rows: all up to it are there by then.
        var settled = await _settled.FindAsync(ct);
        var after = _readUpTo;
        if (settled <= after && !_settled.IsWaiting)
        {
            // No number beyond it was ever drawn.
            return;
        }
        List<Row> rows;
        do
        {
            var from = after;
            rows = await db.QueryAsync<Row>(SelectNew, new { after = from, limit = MaxRead }, ct);
            foreach (var row in rows)
            {
                Receive(row.Id, row.Body);
                after = row.Id;
            }
        }
        while (rows.Count == MaxRead);
        lock (_gate)
        {
            _readUpTo = Math.Max(_readUpTo, settled);
            _seen.RemoveWhere(id => id <= _readUpTo);
        }
    }

    private bool IsNew(long id)
    {
        lock (_gate)
        {
            return id > _readUpTo && _seen.Add(id);
        }
    }

    private void Act(Notice notice)
    {
        foreach (var handler in _handlers.Value)
        {
            handler.Handle(notice);
        }
    }

    private Notice? Parse(string body)
    {
        try
        {
            return JsonSerializer.Deserialize<Notice>(body);
        }
        catch (JsonException e)
        {
            LogUnreadable(log, e);
            return null;
        }
    }

    private sealed record Row
    {
        public required long Id { get; init; }
        public required string Body { get; init; }
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "notices_not_read", Message = "What other nodes have changed could not be read: {Reason}")]
    private static partial void LogNotRead(ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Error, EventName = "notice_unreadable", Message = "A notice of another node could not be read")]
    private static partial void LogUnreadable(ILogger logger, Exception e);
}
