using System.Collections.Concurrent;
using System.Data;
using System.Diagnostics;
using Npgsql;

namespace Teahouse.Storage;

/// <summary>PostgreSQL, shared by any number of nodes. Reads see one snapshot each. Writes are serializable transactions, which come out as if one had been done after
/// the other, as on SQLite's single writer: one that collides with another is undone and done again. Group writes go through <see cref="PostgresGroups{TItem, TResult}"/>.</summary>
internal sealed partial class PostgresDb(string connectionString, ILoggerFactory loggers) : Db
{
    /// <summary>Writes that may wait for a connection; past it the answer is <see cref="Refusal.Busy"/> at once.</summary>
    internal const int Capacity = 2048;

    private const int MaxReconnects = 3;

    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(2);

    private const string Size = "SELECT pg_database_size(current_database())";

    private const string Now = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

    // A sequence is outside of transactions: this is the number it stands at.
    private const string LastId = "SELECT COALESCE(pg_sequence_last_value(CAST(pg_get_serial_sequence(@table, 'id') AS REGCLASS)), 0)";

    private const string SkipIds = "SELECT setval(pg_get_serial_sequence('messages', 'id'), nextval(pg_get_serial_sequence('messages', 'id')) + 1000000000)";

    // Whoever inserts holds this lock on the table from before the first id is drawn until after the commit can be seen.
    private const string Inserting = """
        SELECT virtualtransaction
        FROM pg_locks
        WHERE locktype = 'relation' AND relation = CAST(@table AS REGCLASS) AND mode = 'RowExclusiveLock' AND granted
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        LIMIT 10000
        """;

    private readonly ILogger<PostgresDb> _log = loggers.CreateLogger<PostgresDb>();
    private readonly PostgresSources _sources = new(connectionString);
    private readonly ConcurrentDictionary<object, Lazy<object>> _groups = new();
    private readonly SemaphoreSlim _readSlots = new(PostgresSources.Readers);
    private readonly SemaphoreSlim _writeSlots = new(PostgresSources.Writers);
    private int _waiting;
    private int _unfinished;

    private readonly OncePerSecond _warned = new();
    private volatile bool _stopping;
    private string _description = "PostgreSQL";

    public override string Description => _description;

    public override Task<long> GetSizeAsync(CancellationToken ct) => ReadAsync(session => session.GetAsync<long>(Size), ct);

    public override bool IsShared => true;

    public override int Waiting => Volatile.Read(ref _unfinished);

    // It has its own daemons for that.
    public override Task TidyAsync(CancellationToken ct) => Task.CompletedTask;

    public override async Task<string> BeginHistoryAsync(CancellationToken ct) => Epoch = await WriteAsync(session => Migrator.BeginHistoryAsync(session, SkipIds), ct);

    public override Task<long> GetNowAsync(DbSession session) => session.GetAsync<long>(Now);

    // In this order, and each at its own moment: locks and sequences are no part of a snapshot.
    public override async Task<DrawnIds> FindDrawnIdsAsync(string table, long settled, CancellationToken ct)
    {
        var last = await GetAsync<long>(LastId, new { table }, ct);
        return new DrawnIds(last, last <= settled ? [] : await QueryAsync<string>(Inserting, new { table }, ct));
    }

    public override Task<T> ReadAsync<T>(Func<DbSession, Task<T>> read, CancellationToken ct) => ReadAsync(read, isOne: false, ct);

    protected override Task<T> ReadOneAsync<T>(Func<DbSession, Task<T>> read, CancellationToken ct) => ReadAsync(read, isOne: true, ct);

    private async Task<T> ReadAsync<T>(Func<DbSession, Task<T>> read, bool isOne, CancellationToken ct)
    {
        await _readSlots.WaitAsync(ct);
        try
        {
            for (var reconnects = 0; ; reconnects++)
            {
                try
                {
                    return await ReadOnceAsync(read, isOne, ct);
                }
                catch (Exception e) when (e.IsLost() && !ct.IsCancellationRequested)
                {
                    _sources.Clear();
                    if (reconnects >= MaxReconnects)
                    {
                        throw Unavailable(e);
                    }
                }
                catch (Exception e) when (e.IsBusy())
                {
                    throw Unavailable(e);
                }
                catch (PostgresException e) when (e.IsBadText())
                {
                    throw new RefusedException(Refusal.BadText);
                }
            }
        }
        finally
        {
            _readSlots.Release();
        }
    }

    public override async Task<T> WriteAsync<T>(Func<DbSession, Task<T>> write, CancellationToken ct)
    {
        BeginWork();
        try
        {
            return await WaitAndWriteAsync(write, ct);
        }
        finally
        {
            EndWork();
        }
    }

    /// <summary>As <see cref="WriteAsync{T}(Func{DbSession, Task{T}}, CancellationToken)"/>, for work that was counted in already.</summary>
    /// <param name="write">The work.</param>
    /// <param name="ct">While it has not begun.</param>
    /// <param name="isOfMany">It is of a kind that comes in numbers, and is likely to meet others.</param>
    internal async Task<T> WaitAndWriteAsync<T>(Func<DbSession, Task<T>> write, CancellationToken ct, bool isOfMany = false)
    {
        if (Interlocked.Increment(ref _waiting) > Capacity)
        {
            Interlocked.Decrement(ref _waiting);
            throw new RefusedException(Refusal.Busy);
        }
        try
        {
            await _writeSlots.WaitAsync(ct);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
        try
        {
            return await TryWriteAsync(write, isOfMany);
        }
        finally
        {
            _writeSlots.Release();
        }
    }

    /// <summary>Counts a write that the stop of the program waits for.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.Busy"/>: the program has stopped.</exception>
    internal void BeginWork()
    {
        Interlocked.Increment(ref _unfinished);
        if (_stopping)
        {
            EndWork();
            throw new RefusedException(Refusal.Busy);
        }
    }

    internal void EndWork() => Interlocked.Decrement(ref _unfinished);

    public override Task<TResult> WriteAsync<TItem, TResult>(GroupWrite<TItem, TResult> write, TItem item)
    {
        // Lazy: made once, however many ask at once.
        var groups = _groups.GetOrAdd(write, _ => new Lazy<object>(() => new PostgresGroups<TItem, TResult>(write, this, _sources, loggers.CreateLogger("Teahouse.Storage.PostgresGroups"))));
        return ((PostgresGroups<TItem, TResult>)groups.Value).RunAsync(item);
    }

    /// <summary>Finishes what was begun, then closes the connections.</summary>
    public override async ValueTask DisposeAsync()
    {
        _stopping = true;
        for (var since = Stopwatch.GetTimestamp(); Volatile.Read(ref _unfinished) > 0 && Stopwatch.GetElapsedTime(since) < LongestStop;)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
        await _sources.DisposeAsync();
    }

    /// <summary>Logs that the database is away, and says what its caller gets.</summary>
    internal RefusedException Unavailable(Exception e)
    {
        if (_warned.MayWarn())
        {
            LogUnavailable(_log, (e as PostgresException)?.SqlState ?? e.GetType().Name, e.Message);
        }
        return new RefusedException(Refusal.Busy);
    }

    private async Task<T> ReadOnceAsync<T>(Func<DbSession, Task<T>> read, bool isOne, CancellationToken ct)
    {
        var connection = await _sources.Reading.OpenConnectionAsync(ct);
        using var statements = new StatementCache(connection, keeps: false);
        if (isOne)
        {
            return await read(new DbSession(statements, null, ct));
        }
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        var result = await read(new DbSession(statements, transaction, ct));
        await transaction.CommitAsync(ct);
        return result;
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "database_unavailable", Message = "The database takes nothing now ({Code}): {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string code, string reason);
}
