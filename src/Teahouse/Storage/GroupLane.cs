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

/// <summary>One item, and the task its caller awaits.</summary>
internal sealed class GroupItem<TItem, TResult>(TItem item)
{
    // A caller's code goes on where this is settled.
    private readonly TaskCompletionSource<TResult> _done = new();

    public TItem Item => item;

    /// <summary>When it came.</summary>
    public long Since { get; } = Stopwatch.GetTimestamp();

    public Task<TResult> Task => _done.Task;

    /// <summary>Wakes the caller elsewhere: its code must not hold up the next group.</summary>
    public void Settle(Outcome<TResult> outcome) => ThreadPool.UnsafeQueueUserWorkItem(static each => each.Item1.SettleHere(each.outcome), (this, outcome), preferLocal: false);

    /// <summary>Returns when the caller's code has come to its next wait.</summary>
    public void SettleHere(Outcome<TResult> outcome)
    {
        if (outcome.Error is { } error)
        {
            _done.TrySetException(error);
        }
        else
        {
            // Not null without an error.
            _done.TrySetResult(outcome.Value!);
        }
    }
}
