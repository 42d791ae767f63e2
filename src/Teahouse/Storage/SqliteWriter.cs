using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Teahouse.Storage;

/// <summary>The thread that owns the only writing connection. It takes everything that waits, commits it as one transaction with
/// one fsync, and then lets all the waiting callers go on (group commit). One item that fails is undone alone (savepoint).</summary>
internal sealed partial class SqliteWriter : IDisposable
{
    /// <summary>Writes that may wait; past it the answer is <see cref="Refusal.Busy"/> at once instead of an ever longer wait.</summary>
    internal const int Capacity = 8192;

    /// <summary>Most writes of one transaction: past a few hundred the fsync's share is already small.</summary>
    private const int MaxGroup = 512;

    /// <summary>About how many pages a commit and a row in it cost.</summary>
    private const int PagesPerCommit = 4;

    // Plain statements: SQLite ends a transaction by itself when the disk fails, which the library's own transactions do not survive.
    private static readonly HotStatement BeginNow = new("BEGIN IMMEDIATE");
    private static readonly HotStatement Commit = new("COMMIT");
    private static readonly HotStatement Rollback = new("ROLLBACK");
    private static readonly HotStatement Mark = new("SAVEPOINT item");
    private static readonly HotStatement UndoToMark = new("ROLLBACK TO item");
    private static readonly HotStatement DropMark = new("RELEASE item");

    private readonly SqliteConnection _connection;
    private readonly StatementCache _statements;
    private readonly Settlement _settlement = new();
    private readonly ILogger _log;
    private readonly OncePerSecond _warned = new();
    private readonly Action<int, TimeSpan> _committed;
    private readonly Thread _thread;

    // Guards _waiting and _stopping, and wakes the thread.
    private readonly object _gate = new();
    private Queue<WriteItem> _waiting = new();
    private bool _stopping;

    // What was written last, when that was committed; null when it was no kind of which there are many. Belongs to the writer thread, as all below.
    private object? _latestKind;
    private int _pages;

    /// <param name="connection">The only one that writes.</param>
    /// <param name="committed">Told how many writes a commit has put on disk, and how long that took.</param>
    /// <param name="log">For what a person should know.</param>
    public SqliteWriter(SqliteConnection connection, Action<int, TimeSpan> committed, ILogger log)
    {
        _committed = committed;
        _connection = connection;
        _statements = new StatementCache(connection);
        _log = log;
        _thread = new Thread(Run) { Name = "sqlite-writer", IsBackground = true };
        _thread.Start();
    }

    /// <summary>How many wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    public Task<T> RunAsync<T>(Func<DbSession, Task<T>> write, CancellationToken ct)
    {
        var item = new SingleWrite<T>(write, ct);
        Queue(item);
        return item.Task;
    }

    public Task<TResult> RunAsync<TItem, TResult>(GroupWrite<TItem, TResult> kind, TItem what)
    {
        var item = new ManyWrite<TItem, TResult>(kind, what);
        Queue(item);
        return item.Task;
    }

    private void Queue(WriteItem item)
    {
        lock (_gate)
        {
            if (_stopping || _waiting.Count >= Capacity)
            {
                throw new RefusedException(Refusal.Busy);
            }
            _waiting.Enqueue(item);
            if (_waiting.Count is 1 or LargeGroup)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Writes what waits, puts all of the log into the database, so that the file is whole by itself, and closes the connection.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.Pulse(_gate);
        }
        _thread.Join();
        EmptyLog();
        _statements.Dispose();
    }

    private void Run()
    {
        var group = new List<WriteItem>(MaxGroup);
        while (Take(group))
        {
            if (group.Count > 0)
            {
                CommitGroup(group);
                Pace(group.Count);
                group.Clear();
            }
            CheckpointIfDue();
            TidyIfAsked();
        }
    }

    private bool Take(List<WriteItem> group)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0 && _tidying is null)
            {
                if (_stopping)
                {
                    return false;
                }
                Monitor.Wait(_gate);
            }
            Gather();
            while (group.Count < MaxGroup && _waiting.TryDequeue(out var item))
            {
                group.Add(item);
            }
            return true;
        }
    }

    private bool IsInTransaction => raw.sqlite3_get_autocommit(_connection.Handle) == 0;

    private void CommitGroup(List<WriteItem> group)
    {
        // Called off while it waited: nothing was begun, nothing to undo.
        group.RemoveAll(static item => !item.Begin());
        if (group.Count == 0)
        {
            return;
        }
        var began = Stopwatch.GetTimestamp();
        try
        {
            if (!TryCommitAtOnce(group))
            {
                CommitOneByOne(group);
            }
        }
#pragma warning disable CA1031 // The thread must live on, and nobody may wait for ever.
        catch (Exception e)
#pragma warning restore CA1031
        {
            // The disk is full or failing: the whole group is undone, and each caller may try again.
            Warn(e);
            Undo();
            foreach (var item in group)
            {
                item.Refuse();
            }
            return;
        }
        _committed(group.Count, Stopwatch.GetElapsedTime(began));
        // A message that came alone. Of anything else what follows its commit may take long.
        _settlement.Add(new CommittedItems(group), isAlone: group is [{ Kind: not null }] && Waiting == 0);
    }

    /// <summary>The usual case: nothing fails, and no item needs a savepoint, which costs as much as half a row. False, with nothing done, when one failed.</summary>
    private bool TryCommitAtOnce(List<WriteItem> group)
    {
        Run(BeginNow);
        for (var i = 0; i < group.Count;)
        {
            var kind = group[i].Kind;
            var isUndisturbed = kind is not null && kind == _latestKind;
            _latestKind = kind;
            var done = group[i].ExecuteWithNext(_statements, group, i, isUndisturbed);
            if (done == 0)
            {
                Undo();
                // Alone it is undone already, and keeps its own error.
                return group.Count == 1 && group[0].Failed;
            }
            i += done;
        }
        Run(Commit);
        return true;
    }

    /// <summary>Runs everything again, each item in a savepoint, so that those that fail are undone alone.</summary>
    private void CommitOneByOne(List<WriteItem> group)
    {
        Run(BeginNow);
        foreach (var item in group)
        {
            Run(Mark);
            item.Execute(_statements);
            if (item.Failed)
            {
                Run(UndoToMark);
            }
            Run(DropMark);
        }
        Run(Commit);
    }

    /// <summary>Runs a statement about the transaction.</summary>
    private void Run(HotStatement statement) => _statements.FindNative(statement)!.Execute(ReadOnlySpan<long>.Empty); // Not null: the connection is SQLite's.

    /// <summary>Leaves no transaction open, or the next group could not begin.</summary>
    private void Undo()
    {
        _latestKind = null;
        try
        {
            if (IsInTransaction)
            {
                Run(Rollback);
            }
        }
        catch (SqliteException e)
        {
            Warn(e);
        }
    }

    /// <summary>A full disk is no fault of the program, and every write would say so.</summary>
    private void Warn(Exception e)
    {
        if (!e.IsOfDisk())
        {
            LogFailed(_log, (e as SqliteException)?.SqliteErrorCode ?? 0, e);
        }
        else if (e is SqliteException disk && _warned.MayWarn())
        {
            LogDiskFails(_log, disk.SqliteErrorCode, SqliteErrors.Describe(disk));
        }
    }

    [LoggerMessage(Level = LogLevel.Error, EventName = "disk_failed", Message = "The disk takes nothing now (SQLite error {Code}): {Reason}")]
    private static partial void LogDiskFails(ILogger logger, int code, string reason);

    [LoggerMessage(Level = LogLevel.Error, EventName = "write_failed", Message = "The database refused a write (SQLite error {Code})")]
    private static partial void LogFailed(ILogger logger, int code, Exception e);
}
