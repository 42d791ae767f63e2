using System.Diagnostics;

namespace Teahouse.Storage;

/// <summary>The items of one key, which are committed in their order. Belongs to the lock of its <see cref="PostgresGroups{TItem, TResult}"/>.</summary>
internal sealed class GroupLane<TItem, TResult>(string key)
{
    public string Key => key;

    public Queue<GroupItem<TItem, TResult>> Waiting { get; set; } = new();

    /// <summary>In a queue, or under way.</summary>
    public bool IsTaken { get; set; }
}

/// <summary>What a group takes of one lane; at least one item, until some are refused.</summary>
internal sealed record GroupPart<TItem, TResult>(GroupLane<TItem, TResult> Lane, List<GroupItem<TItem, TResult>> Items);

/// <summary>One item, and the task its caller awaits. Run as a work item it lets its caller go on.</summary>
internal sealed class GroupItem<TItem, TResult>(GroupWrite<TItem, TResult> kind, TItem item) : IThreadPoolWorkItem
{
    private readonly TaskCompletionSource<TResult> _done = new(kind.ContinuesAtOnce(item) ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously);
    private Outcome<TResult> _outcome;

    public TItem Item => item;

    /// <summary>When it came.</summary>
    public long Since { get; } = Stopwatch.GetTimestamp();

    public Task<TResult> Task => _done.Task;

    /// <summary>Sees that the caller goes on, elsewhere: its code must not hold up the next group.</summary>
    public void Settle(Outcome<TResult> outcome)
    {
        _outcome = outcome;
        if (outcome.Error is null)
        {
            kind.LetGoOn(this);
        }
        else
        {
            // Whoever has failed looks for the reason, which may take a while.
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (_outcome.Error is { } error)
        {
            _done.TrySetException(error);
        }
        else
        {
            // Not null without an error.
            _done.TrySetResult(_outcome.Value!);
        }
    }
}

/// <summary>A group that is on disk.</summary>
/// <param name="Kind">Of all of them.</param>
/// <param name="Items">In their order.</param>
/// <param name="Outcomes">As many; null for one that was left without an answer.</param>
internal sealed record CommittedGroup<TItem, TResult>(GroupWrite<TItem, TResult> Kind, IReadOnlyList<GroupItem<TItem, TResult>> Items, GroupOutcome<TResult>?[] Outcomes) : ICommitted
{
    public void Settle()
    {
        for (var i = 0; i < Outcomes.Length; i++)
        {
            Items[i].Settle(Tell(i));
        }
    }

    /// <summary>Returns what its caller is to get. A mistake in the telling is the item's: those behind it, of all groups, are told all the same.</summary>
    private Outcome<TResult> Tell(int i)
    {
        if (Outcomes[i] is not { Result: var result })
        {
            return new InvalidOperationException("A group left an item without an answer.");
        }
        try
        {
            if (result is { Error: null, Value: { } value })
            {
                Kind.Committed(Items[i].Item, value);
            }
            return result;
        }
#pragma warning disable CA1031 // Whatever it is belongs to its caller.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }
}
