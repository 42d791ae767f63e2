using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Teahouse.Storage;

/// <summary>The embedded database: one writer thread with the only writing connection, and a few read-only connections.
/// One process owns the file; a second one is refused by a lock file.</summary>
internal sealed partial class SqliteDb(string path, ILoggerFactory loggers) : Db
{
    /// <summary>Reads that run at once; more wait. Reads are short and the machine has few cores.</summary>
    private const int Readers = 8;

    /// <summary>SIGXFSZ, the same number on Linux and macOS.</summary>
    private const PosixSignal FileTooLarge = (PosixSignal)25;

    private const string Now = "SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";

    private const string LastId = "SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = @table";

    // Made by another program, and not empty.
    private const string IsForeign = """
        SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%')
               AND NOT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations')
        """;

    private const string SkipIds = "UPDATE sqlite_sequence SET seq = seq + 1000000000 WHERE name = 'messages'";

    /// <summary>What stands behind the database's name while a restore puts another one into its place.</summary>
    internal const string Interrupted = ".restoring";

    private readonly ILogger<SqliteDb> _log = loggers.CreateLogger<SqliteDb>();
    private readonly ConcurrentBag<StatementCache> _idleReaders = [];
    private readonly SemaphoreSlim _readerSlots = new(Readers);
    private readonly OncePerSecond _warned = new();
    private FileStream? _lockFile;
    private SqliteWriter? _writer;
    private PosixSignalRegistration? _signal;
    private volatile bool _closed;

    private readonly string _library = SqliteNative.Use();

    public override string Description => _library;

    public override bool IsShared => false;

    public override int Waiting => _writer?.Waiting ?? 0;

    public override async Task OpenAsync(CancellationToken ct)
    {
        DapperSetup.Apply();
        if (!OperatingSystem.IsWindows())
        {
            // A limit on the size of files is a full disk like any other: writing fails, and the program lives.
            _signal = PosixSignalRegistration.Create(FileTooLarge, static signal => signal.Cancel = true);
        }
        try
        {
            var directory = Path.GetDirectoryName(Path.GetFullPath(path))
                ?? throw new InvalidOperationException("The database path names no directory.");
            PrivateFiles.CreateDirectory(directory);
            _lockFile = TakeLock(path + ".lock");
            RefuseInterrupted();
            PrivateFiles.CreateFile(path);
            await OpenWriterAsync(ct);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            // Tried again, it is taken again.
            _lockFile?.Dispose();
            throw new DatabaseUnusableException(path, e);
        }
        LogOpened(_log, _library);
    }

    private async Task OpenWriterAsync(CancellationToken ct)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            RefuseForeign(connection);
            // FULL: the WAL is synced at every commit, so that an acknowledged message outlives a loss of power.
            // A removed text is written over: what is deleted is gone from the file too.
            Pragma(connection, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "busy_timeout=5000",
                "temp_store=MEMORY", "cache_size=-65536", "wal_autocheckpoint=0", "journal_size_limit=67108864");
            (Epoch, SetupCode) = await Migrator.MigrateAsync(new SqliteDialect(), connection, ct);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
        _writer = new SqliteWriter(connection, (count, time) => Committed?.Invoke(count, time), loggers.CreateLogger<SqliteWriter>());
    }

    public override Task<bool> IsNewAsync(CancellationToken ct) => Task.FromResult(!File.Exists(path));

    public override async Task OpenForReadingAsync(CancellationToken ct)
    {
        DapperSetup.Apply();
        RefuseInterrupted();
        if (!File.Exists(path))
        {
            throw new SchemaException($"There is no database {path} (DATABASE_URL, DATA_DIR).");
        }
        try
        {
            using var reader = OpenReader();
            await Migrator.CheckAsync(reader.Connection, ct);
        }
        catch (SqliteException e)
        {
            throw new DatabaseUnusableException(path, e);
        }
    }

    public override async Task<T> ReadAsync<T>(Func<DbSession, Task<T>> read, CancellationToken ct)
    {
        if (!Thread.CurrentThread.IsThreadPoolThread)
        {
            // SQLite reads on the thread that asks, and only the pool's may be held up.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }
        await _readerSlots.WaitAsync(ct);
        StatementCache? connection = null;
        try
        {
            connection = _idleReaders.TryTake(out var idle) ? idle : OpenReader();
            // Deferred: takes its snapshot with the first statement and never waits for the writer.
            using var transaction = ((SqliteConnection)connection.Connection).BeginTransaction(deferred: true);
            T result;
            try
            {
                result = await read(new DbSession(connection, transaction, ct));
            }
            catch (Exception e) when (e is RefusedException or OperationCanceledException)
            {
                // The caller's own no: nothing is wrong with the connection, and its prepared statements are worth keeping.
                transaction.Rollback();
                Keep(ref connection);
                throw;
            }
            transaction.Commit();
            Keep(ref connection);
            return result;
        }
        catch (SqliteException e) when (e.IsOfFile())
        {
            throw Unavailable(e);
        }
        finally
        {
            connection?.Dispose();
            _readerSlots.Release();
        }
    }

    public override Task<T> WriteAsync<T>(Func<DbSession, Task<T>> write, CancellationToken ct) =>
        (_writer ?? throw new InvalidOperationException("The database is not open.")).RunAsync(write, ct);

    public override Task<TResult> WriteAsync<TItem, TResult>(GroupWrite<TItem, TResult> write, TItem item) =>
        (_writer ?? throw new InvalidOperationException("The database is not open.")).RunAsync(write, item);

    public override Task TidyAsync(CancellationToken ct) =>
        (_writer ?? throw new InvalidOperationException("The database is not open.")).TidyAsync();

    public override async Task<string> BeginHistoryAsync(CancellationToken ct) => Epoch = await WriteAsync(session => Migrator.BeginHistoryAsync(session, SkipIds), ct);

    public override Task<long> GetSizeAsync(CancellationToken ct) =>
        Task.FromResult(new[] { path, path + "-wal" }.Select(file => new FileInfo(file)).Where(file => file.Exists).Sum(file => file.Length));

    public override Task<long> GetNowAsync(DbSession session) => session.GetAsync<long>(Now);

    // One writer: ids are drawn in the order of the commits, and what is drawn is committed.
    public override async Task<DrawnIds> FindDrawnIdsAsync(string table, long settled, CancellationToken ct) =>
        new(await GetAsync<long>(LastId, new { table }, ct), []);

    public override ValueTask DisposeAsync()
    {
        _closed = true;
        // First: the one that closes last puts the log into the database and removes it, which only one that writes can.
        while (_idleReaders.TryTake(out var reader))
        {
            reader.Dispose();
        }
        _writer?.Dispose();
        _lockFile?.Dispose();
        _signal?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>For the next reader; one that comes back after the end is closed by who has it.</summary>
    private void Keep(ref StatementCache? connection)
    {
        if (!_closed && connection is not null)
        {
            _idleReaders.Add(connection);
            connection = null;
        }
    }

    /// <summary>Logs that the file can't be read, and says what its caller gets.</summary>
    private RefusedException Unavailable(SqliteException e)
    {
        if (_warned.MayWarn())
        {
            LogReadFailed(_log, e.SqliteErrorCode, SqliteErrors.Describe(e));
        }
        return new RefusedException(Refusal.Busy);
    }

    private void RefuseInterrupted()
    {
        if (IsInterrupted(path))
        {
            throw new SchemaException("A restore was begun here and not finished. Run it again: teahouse restore FILE");
        }
    }

    /// <summary>Before anything is changed in it.</summary>
    private void RefuseForeign(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = IsForeign;
        if (command.ExecuteScalar() is not 0L)
        {
            throw new SchemaException($"{path} is a database of another program (DATABASE_URL). Name one of Teahouse's, or a file that is not there yet; a Django site is taken over by: teahouse import django");
        }
    }

    private StatementCache OpenReader()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        }.ToString());
        connection.Open();
        Pragma(connection, "query_only=ON", "busy_timeout=5000", "temp_store=MEMORY", "cache_size=-16384", "mmap_size=268435456");
        return new StatementCache(connection);
    }

    internal static void Pragma(SqliteConnection connection, params string[] pragmas)
    {
        foreach (var pragma in pragmas)
        {
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file, never input.
            command.CommandText = "PRAGMA " + pragma;
#pragma warning restore CA2100
            command.ExecuteNonQuery();
        }
    }

    /// <summary>A restore was begun here and not finished.</summary>
    internal static bool IsInterrupted(string path) => File.Exists(path + Interrupted);

    /// <summary>Keeps every other process from the database until it is disposed of.</summary>
    /// <exception cref="DatabaseInUseException">Another process has it.</exception>
    /// <exception cref="IOException">The file can't be made or opened, as <see cref="UnauthorizedAccessException"/>.</exception>
    internal static FileStream TakeLock(string lockPath)
    {
        try
        {
            var stream = new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            PrivateFiles.Restrict(lockPath);
            return stream;
        }
        catch (IOException e) when (IsHeld(e))
        {
            throw new DatabaseInUseException(e);
        }
    }

    // EWOULDBLOCK of flock on Linux and macOS, ERROR_SHARING_VIOLATION on Windows; anything else is about the file or its place.
    private static bool IsHeld(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);

    [LoggerMessage(Level = LogLevel.Error, EventName = "read_failed", Message = "The database could not be read (SQLite error {Code}): {Reason}")]
    private static partial void LogReadFailed(ILogger logger, int code, string reason);

    [LoggerMessage(Level = LogLevel.Information, EventName = "database_opened", Message = "Database opened with {Library}")]
    private static partial void LogOpened(ILogger logger, string library);
}
