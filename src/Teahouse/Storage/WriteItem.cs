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

    /// <summary>What else can be done together with it; null when it is to be done alone.</summary>
    public virtual object? Kind => null;

    /// <summary>Does the work of this item of a group, and of those behind it that can be done with it. Returns how many that were; 0 when there is one among them that cannot be done: then all
    /// is to be undone, and each to be executed alone.</summary>
    /// <param name="connection">The writing one.</param>
    /// <param name="group">In its order.</param>
    /// <param name="first">This item's place.</param>
    /// <param name="isUndisturbed">Nothing but items of its kind was written since the last that was.</param>
    public virtual int ExecuteWithNext(StatementCache connection, List<WriteItem> group, int first, bool isUndisturbed)
    {
        Execute(connection);
        return Failed ? 0 : 1;
    }

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
            _result = ResultOf(RunAsync(_session));
        }
#pragma warning disable CA1031 // Whatever the work throws belongs to its caller, not to the writer thread.
        catch (Exception e) when (!e.IsOfDisk())
#pragma warning restore CA1031
        {
            _error = e is SqliteException constraint && constraint.IsDangling() ? new RefusedException(Refusal.NoSuchUser) : e;
            Failed = true;
        }
    }

    public override void Settle()
    {
        if (_error is not null)
        {
            FailSoon(_error);
        }
        else
        {
            if (_session is not null)
            {
                _session.RunAfterCommit();
            }
            else
            {
                // Set by what has done it.
                Committed(_result!);
            }
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

    /// <summary>It was done together with others, and is on disk.</summary>
    protected virtual void Committed(T result)
    {
    }

    /// <summary>It is done, together with others.</summary>
    protected void SetDone(T result) => (_session, _result, _error, Failed) = (null, result, null, false);

    /// <summary>SQLite's async methods complete synchronously; anything else awaited here would stop every writer.</summary>
    protected static TResult ResultOf<TResult>(Task<TResult> running) =>
        running.IsCompleted ? running.GetAwaiter().GetResult() : throw new InvalidOperationException("A write awaited something other than its session.");

    /// <summary>The work is on disk and told of: sees that <see cref="Execute()"/> is called.</summary>
    protected virtual void GoOn() => Execute();

    /// <summary>Whoever has failed looks for the reason, which may take a while: never on this thread.</summary>
    private void FailSoon(Exception error)
    {
        _error = error;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
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
    private readonly TItem _item = item;

    public override object? Kind => kind.CanJoin(_item) ? kind : null;

    public override int ExecuteWithNext(StatementCache connection, List<WriteItem> group, int first, bool isUndisturbed)
    {
        if (Kind is null)
        {
            return base.ExecuteWithNext(connection, group, first, isUndisturbed);
        }
        var end = first + 1;
        while (end < group.Count && ReferenceEquals(group[end].Kind, kind))
        {
            end++;
        }
        var items = new TItem[end - first];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = At(group, first + i)._item;
        }
        var results = new TResult[items.Length];
        try
        {
            if (!ResultOf(kind.TryExecuteManyAsync(new DbSession(connection, transaction: null, CancellationToken.None), items, results, isUndisturbed)))
            {
                return 0;
            }
        }
#pragma warning disable CA1031 // Alone, the one that throws will throw again, and its caller hears of it.
        catch (Exception e) when (!e.IsOfDisk())
#pragma warning restore CA1031
        {
            return 0;
        }
        for (var i = 0; i < items.Length; i++)
        {
            At(group, first + i).SetDone(results[i]);
        }
        return items.Length;
    }

    protected override Task<TResult> RunAsync(DbSession session) => kind.ExecuteAsync(session, _item);

    protected override void Committed(TResult result) => kind.Committed(_item, result);

    protected override void GoOn() => kind.LetGoOn(this);

    /// <summary>One of this kind.</summary>
    private static ManyWrite<TItem, TResult> At(List<WriteItem> group, int place) => (ManyWrite<TItem, TResult>)group[place];
}

/// <summary>A group of the writer's, which goes on with another list.</summary>
internal sealed class CommittedItems(IEnumerable<WriteItem> group) : ICommitted
{
    private readonly WriteItem[] _items = [.. group];

    public void Settle()
    {
        foreach (var item in _items)
        {
            item.Settle();
        }
    }
}
