using Microsoft.Data.Sqlite;

namespace Teahouse.Storage;

/// <summary>What the writer does for the file between two groups.</summary>
internal sealed partial class SqliteWriter
{
    /// <summary>When about this many pages are in the log it is checkpointed in the next idle moment…</summary>
    private const int IdleCheckpointPages = 1_000;

    /// <summary>…and at this many between two groups in any case, so that it cannot grow for ever under load.</summary>
    private const int ForcedCheckpointPages = 16_000;

    // Guarded by _gate.
    private TaskCompletionSource? _tidying;

    /// <summary>Between two groups: empties the log into the database and cuts it short, and has the planner's statistics refreshed.</summary>
    public Task TidyAsync()
    {
        lock (_gate)
        {
            if (_stopping)
            {
                throw new RefusedException(Refusal.Busy);
            }
            _tidying ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Monitor.Pulse(_gate);
            return _tidying.Task;
        }
    }

    private void CheckpointIfDue()
    {
        bool idle;
        lock (_gate)
        {
            idle = _waiting.Count == 0;
        }
        if (_pages < (idle ? IdleCheckpointPages : ForcedCheckpointPages))
        {
            return;
        }
        try
        {
            // The log's file is kept and written over: growing it anew would cost each commit the file system's own journal too.
            SqliteDb.Pragma(_connection, "wal_checkpoint(PASSIVE)");
            _pages = 0;
        }
        catch (SqliteException e)
        {
            // A reader or a full disk is in the way; the log stays and the next group tries again.
            LogCheckpoint(_log, e.SqliteErrorCode);
        }
    }

    /// <summary>At the end. A reader in the way (a backup) is not waited for: the log stays, and is part of the database as ever.</summary>
    private void EmptyLog()
    {
        try
        {
            SqliteDb.Pragma(_connection, "busy_timeout=200", "wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException e)
        {
            LogCheckpoint(_log, e.SqliteErrorCode);
        }
    }

    private void TidyIfAsked()
    {
        TaskCompletionSource? asked;
        lock (_gate)
        {
            (asked, _tidying) = (_tidying, null);
        }
        if (asked is null)
        {
            return;
        }
        try
        {
            // Writes wait meanwhile: neither for a reader in the way, nor until large tables are read from end to end.
            SqliteDb.Pragma(_connection, "busy_timeout=200", "wal_checkpoint(TRUNCATE)", "busy_timeout=5000", "analysis_limit=400", "optimize");
            _pages = 0;
            asked.SetResult();
        }
        catch (SqliteException e)
        {
            LogCheckpoint(_log, e.SqliteErrorCode);
            asked.SetException(new RefusedException(Refusal.Busy));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "checkpoint_failed", Message = "The write-ahead log could not be checkpointed (SQLite error {Code})")]
    private static partial void LogCheckpoint(ILogger logger, int code);
}
