using Microsoft.Data.Sqlite;

namespace Teahouse.Storage;

/// <summary>One write that waits for the writer thread, and the task its caller awaits.</summary>
internal abstract class WriteItem
{
    /// <summary>The work threw; its transaction's part must be undone.</summary>
    public bool Failed { get; protected set; }

    /// <summary>False when the caller has gone away meanwhile.</summary>
    public abstract bool Begin();

    /// <summary>Does the work; again, from the beginning, when the transaction of the first time was undone.</summary>
    public abstract void Execute(StatementCache connection);

    /// <summary>After the commit: runs what waited for it and lets the caller go on.</summary>
    public abstract void Settle();

    /// <summary>The group was undone: the caller gets <see cref="Refusal.Busy"/>.</summary>
    public abstract void Refuse();
}

internal sealed class WriteItem<T>(Func<DbSession, Task<T>> write, CancellationToken ct) : WriteItem
{
    // Asynchronous continuations: the writer thread must never run a caller's code.
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DbSession? _session;
    private T? _result;
    private Exception? _error;

    public Task<T> Task => _done.Task;

    public override bool Begin()
    {
        if (!ct.IsCancellationRequested)
        {
            return true;
        }
        _done.TrySetCanceled(ct);
        return false;
    }

    public override void Execute(StatementCache connection)
    {
        (_error, Failed) = (null, false);
        _session = new DbSession(connection, transaction: null, CancellationToken.None);
        try
        {
            var running = write(_session);
            // SQLite's async methods complete synchronously; anything else awaited here would stop every writer.
            _result = running.IsCompleted
                ? running.GetAwaiter().GetResult()
                : throw new InvalidOperationException("A write awaited something other than its session.");
        }
        catch (SqliteException e) when (e.SqliteErrorCode is Disk.Full or Disk.Io or Disk.OutOfMemory or Disk.Busy or Disk.ReadOnly)
        {
            // Not this item's fault, and SQLite may have undone the whole transaction already.
            throw;
        }
#pragma warning disable CA1031 // Whatever the work throws belongs to its caller, not to the writer thread.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _error = e;
            Failed = true;
        }
    }

    public override void Settle()
    {
        if (_error is not null)
        {
            _done.TrySetException(_error);
        }
        else if (_session is not null)
        {
            _session.RunAfterCommit();
            // Set by Execute, which ran.
            _done.TrySetResult(_result!);
        }
    }

    public override void Refuse() => _done.TrySetException(new RefusedException(Refusal.Busy));

    private static class Disk
    {
        public const int Busy = 5;
        public const int OutOfMemory = 7;
        public const int ReadOnly = 8;
        public const int Io = 10;
        public const int Full = 13;
    }
}
