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

    /// <summary>Tries of a write that collides, and of a read whose connection is lost.</summary>
    private const int MaxTries = 12;

    private const int MaxReconnects = 3;

    private static readonly TimeSpan LongestStop = TimeSpan.FromSeconds(5);

    /// <summary>While the database is away every request would say so.</summary>
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromSeconds(1);

    /// <summary>After so many a write keeps the groups, with which it collides most in a lively room, out for as long as it takes.</summary>
    private const int TriesBeforeAlone = 4;

    // Held shared by groups, and alone by a write that got nowhere otherwise. For the session, since a transaction's snapshot must be younger than the lock.
    private const string HoldAlone = "SELECT pg_advisory_lock(7310027302)";
    private const string ReleaseAlone = "SELECT pg_advisory_unlock(7310027302)";

    private readonly ILogger<PostgresDb> _log = loggers.CreateLogger<PostgresDb>();
    private readonly PostgresSources _sources = new(connectionString);
    private readonly ConcurrentDictionary<object, Lazy<object>> _groups = new();
    private readonly SemaphoreSlim _readSlots = new(PostgresSources.Readers);
    private readonly SemaphoreSlim _writeSlots = new(PostgresSources.Writers);
    private int _waiting;
    private int _unfinished;
    private long _warnedAt;
    private volatile bool _stopping;
    private string _description = "PostgreSQL";

    public override string Description => _description;

    public override async Task OpenAsync(CancellationToken ct)
    {
        DapperSetup.Apply();
        await using var connection = _sources.CreatePatient();
        try
        {
            await connection.OpenAsync(ct);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException or IOException or System.Security.Authentication.AuthenticationException)
        {
            throw new DatabaseUnreachableException(_sources.Address, e);
        }
        _description = $"PostgreSQL {connection.PostgreSqlVersion}";
        Epoch = await Migrator.MigrateAsync(new PostgresDialect(), connection, ct);
        LogOpened(_log, Description);
    }

    public override async Task<T> ReadAsync<T>(Func<DbSession, Task<T>> read, CancellationToken ct)
    {
        await _readSlots.WaitAsync(ct);
        try
        {
            for (var reconnects = 0; ; reconnects++)
            {
                try
                {
                    return await ReadOnceAsync(read, ct);
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
    internal async Task<T> WaitAndWriteAsync<T>(Func<DbSession, Task<T>> write, CancellationToken ct)
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
            return await TryWriteAsync(write);
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
        var warned = Volatile.Read(ref _warnedAt);
        if ((warned == 0 || Stopwatch.GetElapsedTime(warned) > BetweenWarnings) && Interlocked.CompareExchange(ref _warnedAt, Stopwatch.GetTimestamp(), warned) == warned)
        {
            LogUnavailable(_log, (e as PostgresException)?.SqlState ?? e.GetType().Name, e.Message);
        }
        return new RefusedException(Refusal.Busy);
    }

    private async Task<T> ReadOnceAsync<T>(Func<DbSession, Task<T>> read, CancellationToken ct)
    {
        var connection = await _sources.Reading.OpenConnectionAsync(ct);
        using var statements = new StatementCache(connection, keeps: false);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        var result = await read(new DbSession(statements, transaction, ct));
        await transaction.CommitAsync(ct);
        return result;
    }

    private async Task<T> TryWriteAsync<T>(Func<DbSession, Task<T>> write)
    {
        var reconnects = 0;
        for (var tries = 1; ; tries++)
        {
            var progress = new WriteProgress();
            try
            {
                return await WriteOnceAsync(write, isAlone: tries > TriesBeforeAlone, progress);
            }
            catch (Exception e) when (e.IsCollision() && tries < MaxTries)
            {
                // Those that collided must not do so again in step.
                await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * 2 * tries), CancellationToken.None);
            }
            catch (Exception e) when (e.IsLost())
            {
                _sources.Clear();
                // Lost in the commit itself, nobody knows what became of it: done again it might be done twice.
                if (progress.IsCommitting || ++reconnects > MaxReconnects)
                {
                    throw Unavailable(e);
                }
            }
            catch (Exception e) when (e.IsBusy() || e is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected })
            {
                throw Unavailable(e);
            }
            catch (PostgresException e) when (e.IsBadText())
            {
                throw new RefusedException(Refusal.BadText);
            }
        }
    }

    private async Task<T> WriteOnceAsync<T>(Func<DbSession, Task<T>> write, bool isAlone, WriteProgress progress)
    {
        await using var connection = await _sources.Writing.OpenConnectionAsync(CancellationToken.None);
        if (!isAlone)
        {
            return await RunAsync(connection, write, progress);
        }
        await ExecuteAsync(connection, HoldAlone);
        try
        {
            return await RunAsync(connection, write, progress);
        }
        finally
        {
            // One that is broken has let go of it.
            if (connection.FullState == ConnectionState.Open)
            {
                await ExecuteAsync(connection, ReleaseAlone);
            }
        }
    }

    private static async Task<T> RunAsync<T>(NpgsqlConnection connection, Func<DbSession, Task<T>> write, WriteProgress progress)
    {
        // Not disposed of: that would close the connection, which may hold a lock still.
        var statements = new StatementCache(connection, keeps: false);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.Serializable, CancellationToken.None);
        var session = new DbSession(statements, transaction, CancellationToken.None);
        var result = await write(session);
        progress.IsCommitting = true;
        await transaction.CommitAsync(CancellationToken.None);
        session.RunAfterCommit();
        return result;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(CancellationToken.None);
    }

    /// <summary>How far one try got.</summary>
    private sealed class WriteProgress
    {
        public bool IsCommitting { get; set; }
    }

    [LoggerMessage(Level = LogLevel.Information, EventName = "database_opened", Message = "Database opened: {Server}")]
    private static partial void LogOpened(ILogger logger, string server);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "database_unavailable", Message = "The database takes nothing now ({Code}): {Reason}")]
    private static partial void LogUnavailable(ILogger logger, string code, string reason);
}

/// <summary>The database of <c>DATABASE_URL</c> could not be opened; the message is one line for the person who starts the program.</summary>
public sealed class DatabaseUnreachableException(string address, Exception inner) : Exception(Describe(address, inner), inner)
{
    private static string Describe(string address, Exception inner) => inner switch
    {
        PostgresException e => $"DATABASE_URL: the database at {address} refused: {e.MessageText}",
        { InnerException: { } cause } => $"DATABASE_URL: the database at {address} can't be reached: {cause.Message.ReplaceLineEndings(" ")}",
        _ => $"DATABASE_URL: the database at {address} can't be reached: {inner.Message.ReplaceLineEndings(" ")}",
    };
}
