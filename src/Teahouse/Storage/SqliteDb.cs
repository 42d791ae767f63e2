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

    private const string SkipIds = "UPDATE sqlite_sequence SET seq = seq + 1000000000 WHERE name = 'messages'";

    /// <summary>What stands behind the database's name while a restore puts another one into its place.</summary>
    internal const string Interrupted = ".restoring";

    private readonly ILogger<SqliteDb> _log = loggers.CreateLogger<SqliteDb>();
    private readonly ConcurrentBag<StatementCache> _idleReaders = [];
    private readonly SemaphoreSlim _readerSlots = new(Readers);
    private FileStream? _lockFile;
    private SqliteWriter? _writer;
    private PosixSignalRegistration? _signal;

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
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))
            ?? throw new InvalidOperationException("The database path names no directory.");
        PrivateFiles.CreateDirectory(directory);
        _lockFile = TakeLock(path + ".lock");
        RefuseInterrupted();
        PrivateFiles.CreateFile(path);

        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
        }.ToString());
        connection.Open();
        // FULL: the WAL is synced at every commit, so that an acknowledged message outlives a loss of power.
        // A removed text is written over: what is deleted is gone from the file too.
        Pragma(connection, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "busy_timeout=5000",
            "temp_store=MEMORY", "cache_size=-65536", "wal_autocheckpoint=0", "journal_size_limit=67108864");
        (Epoch, SetupCode) = await Migrator.MigrateAsync(new SqliteDialect(), connection, ct);
        _writer = new SqliteWriter(connection, (count, time) => Committed?.Invoke(count, time), loggers.CreateLogger<SqliteWriter>());
        LogOpened(_log, _library);
    }

    public override async Task OpenForReadingAsync(CancellationToken ct)
    {
        DapperSetup.Apply();
        RefuseInterrupted();
        if (!File.Exists(path))
        {
            throw new SchemaException($"There is no database {path} (DATABASE_URL, DATA_DIR).");
        }
        using var reader = OpenReader();
        await Migrator.CheckAsync(reader.Connection, ct);
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
            var result = await read(new DbSession(connection, transaction, ct));
            transaction.Commit();
            _idleReaders.Add(connection);
            connection = null;
            return result;
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
    public override async Task<DrawnIds> FindDrawnIdsAsync(string table, CancellationToken ct) =>
        new(await ReadAsync(session => session.GetAsync<long>(LastId, new { table }), ct), []);

    public override ValueTask DisposeAsync()
    {
        _writer?.Dispose();
        foreach (var reader in _idleReaders)
        {
            reader.Dispose();
        }
        _lockFile?.Dispose();
        _signal?.Dispose();
        return ValueTask.CompletedTask;
    }

    private void RefuseInterrupted()
    {
        if (IsInterrupted(path))
        {
            throw new SchemaException("A restore was begun here and not finished. Run it again: teahouse restore FILE");
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
    internal static FileStream TakeLock(string lockPath)
    {
        try
        {
            var stream = new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            PrivateFiles.Restrict(lockPath);
            return stream;
        }
        catch (IOException e)
        {
            throw new DatabaseInUseException(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, EventName = "database_opened", Message = "Database opened with {Library}")]
    private static partial void LogOpened(ILogger logger, string library);
}

/// <summary>Another process owns the database file.</summary>
public sealed class DatabaseInUseException(Exception inner)
    : Exception("Another Teahouse process owns this database (DATABASE_URL). Stop it, or give this one its own DATA_DIR.", inner);
