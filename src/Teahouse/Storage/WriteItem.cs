using Microsoft.Data.Sqlite;

namespace Teahouse.Storage;

/// <summary>One write that waits for the writer thread. Run as a work item it lets its caller go on.</summary>
internal abstract class WriteItem : IThreadPoolWorkItem
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

    public abstract void Execute();
}

/// <param name="continuation">Whether the caller's code may run where its task is completed.</param>
/// <param name="ct">Honoured until the work begins.</param>
internal abstract class WriteItem<T>(TaskCreationOptions continuation, CancellationToken ct) : WriteItem
{
    private readonly TaskCompletionSource<T> _done = new(continuation);
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
            var running = RunAsync(_session);
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
            FailSoon(_error);
        }
        else if (_session is not null)
        {
            _session.RunAfterCommit();
            GoOn();
        }
    }

    public override void Refuse() => FailSoon(new RefusedException(Refusal.Busy));

    public override void Execute()
    {
        if (_error is not null)
        {
            _done.TrySetException(_error);
        }
        else
        {
            // Set by the work, which ran.
            _done.TrySetResult(_result!);
        }
    }

    protected abstract Task<T> RunAsync(DbSession session);

    /// <summary>The work is on disk and told of: sees that <see cref="Execute()"/> is called.</summary>
    protected virtual void GoOn() => Execute();

    /// <summary>Whoever has failed looks for the reason, which may take a while: never on this thread.</summary>
    private void FailSoon(Exception error)
    {
        _error = error;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private static class Disk
    {
        public const int Busy = 5;
        public const int OutOfMemory = 7;
        public const int ReadOnly = 8;
        public const int Io = 10;
        public const int Full = 13;
    }
}

/// <summary>A write of any kind.</summary>
internal sealed class SingleWrite<T>(Func<DbSession, Task<T>> write, CancellationToken ct) : WriteItem<T>(TaskCreationOptions.RunContinuationsAsynchronously, ct)
{
    protected override Task<T> RunAsync(DbSession session) => write(session);
}

/// <summary>A write of which there are very many.</summary>
internal sealed class ManyWrite<TItem, TResult>(GroupWrite<TItem, TResult> kind, TItem item)
    : WriteItem<TResult>(kind.ContinuesAtOnce(item) ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously, CancellationToken.None)
{
    protected override Task<TResult> RunAsync(DbSession session) => kind.ExecuteAsync(session, item);

    protected override void GoOn() => kind.LetGoOn(this);
}
