using Microsoft.Data.Sqlite;

namespace Teahouse.Storage;

/// <summary>The thread that owns the only writing connection. It takes everything that waits, commits it as one transaction with
/// one fsync, and then lets all the waiting callers go on (group commit). One item that fails is undone alone (savepoint).</summary>
internal sealed partial class SqliteWriter : IDisposable
{
    /// <summary>Writes that may wait; past it the answer is <see cref="Refusal.Busy"/> at once instead of an ever longer wait.</summary>
    internal const int Capacity = 8192;

    /// <summary>Most writes of one transaction: past a few hundred the fsync's share is already small.</summary>
    private const int MaxGroup = 512;

    /// <summary>When the log is this large it is checkpointed in the next idle moment…</summary>
    private const long IdleCheckpointBytes = 4L << 20;

    /// <summary>…and when this large, between two groups in any case, so that it cannot grow for ever under load.</summary>
    private const long ForcedCheckpointBytes = 64L << 20;

    private readonly SqliteConnection _connection;
    private readonly string _walPath;
    private readonly ILogger _log;
    private readonly Thread _thread;

    // Guards _waiting and _stopping, and wakes the thread.
    private readonly object _gate = new();
    private Queue<WriteItem> _waiting = new();
    private bool _stopping;

    public SqliteWriter(SqliteConnection connection, string walPath, ILogger log)
    {
        _connection = connection;
        _walPath = walPath;
        _log = log;
        _thread = new Thread(Run) { Name = "sqlite-writer", IsBackground = true };
        _thread.Start();
    }

    public Task<T> RunAsync<T>(Func<DbSession, Task<T>> write, CancellationToken ct)
    {
        var item = new WriteItem<T>(write, ct);
        lock (_gate)
        {
            if (_stopping || _waiting.Count >= Capacity)
            {
                throw new RefusedException(Refusal.Busy);
            }
            _waiting.Enqueue(item);
            if (_waiting.Count == 1)
            {
                Monitor.Pulse(_gate);
            }
        }
        return item.Task;
    }

    /// <summary>Writes what waits, then closes the connection.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.Pulse(_gate);
        }
        _thread.Join();
        _connection.Dispose();
    }

    private void Run()
    {
        var group = new List<WriteItem>(MaxGroup);
        while (Take(group))
        {
            CommitGroup(group);
            group.Clear();
            CheckpointIfDue();
        }
    }

    private bool Take(List<WriteItem> group)
    {
        lock (_gate)
        {
            while (_waiting.Count == 0)
            {
                if (_stopping)
                {
                    return false;
                }
                Monitor.Wait(_gate);
            }
            while (group.Count < MaxGroup && _waiting.TryDequeue(out var item))
            {
                group.Add(item);
            }
            return true;
        }
    }

    private void CommitGroup(List<WriteItem> group)
    {
        try
        {
            using var transaction = _connection.BeginTransaction(deferred: false);
            foreach (var item in group)
            {
                // Called off while it waited: nothing was begun, nothing to undo.
                if (!item.Begin())
                {
                    continue;
                }
                if (group.Count == 1)
                {
                    item.Execute(_connection, transaction);
                    if (item.Failed)
                    {
                        transaction.Rollback();
                        item.Settle();
                        return;
                    }
                    continue;
                }
                transaction.Save("item");
                item.Execute(_connection, transaction);
                if (item.Failed)
                {
                    transaction.Rollback("item");
                }
                transaction.Release("item");
            }
            transaction.Commit();
        }
#pragma warning disable CA1031 // The thread must live on, and nobody may wait for ever.
        catch (Exception e)
#pragma warning restore CA1031
        {
            // The disk is full or failing: the whole group is undone, and each caller may try again.
            LogFailed(_log, (e as SqliteException)?.SqliteErrorCode ?? 0, e);
            foreach (var item in group)
            {
                item.Refuse();
            }
            return;
        }
        foreach (var item in group)
        {
            item.Settle();
        }
    }

    private void CheckpointIfDue()
    {
        bool idle;
        lock (_gate)
        {
            idle = _waiting.Count == 0;
        }
        var wal = new FileInfo(_walPath);
        if (!wal.Exists || wal.Length < (idle ? IdleCheckpointBytes : ForcedCheckpointBytes))
        {
            return;
        }
        try
        {
            SqliteDb.Pragma(_connection, "wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException e)
        {
            // A reader or a full disk is in the way; the log stays and the next group tries again.
            LogCheckpoint(_log, e.SqliteErrorCode);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, EventName = "write_failed", Message = "The database refused a write (SQLite error {Code})")]
    private static partial void LogFailed(ILogger logger, int code, Exception e);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "checkpoint_failed", Message = "The write-ahead log could not be checkpointed (SQLite error {Code})")]
    private static partial void LogCheckpoint(ILogger logger, int code);
}
