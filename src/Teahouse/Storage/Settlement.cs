using System.Collections.Concurrent;

namespace Teahouse.Storage;

/// <summary>Settles what was committed, group by group in the order of the commits: on a thread of the pool, so that the next group is written meanwhile, and the pool is woken once a group
/// instead of once a write; or on the writer's own where nothing else waits to be written and to wake another would cost more. Thread-safe.</summary>
internal sealed class Settlement : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<WriteItem[]> _groups = new();
    private int _pending;

    /// <param name="group">Is copied.</param>
    /// <param name="isAlone">The writer has nothing else to do: settled before this returns, unless an earlier group is not yet.</param>
    public void Add(List<WriteItem> group, bool isAlone)
    {
        _groups.Enqueue([.. group]);
        if (Interlocked.Increment(ref _pending) > 1)
        {
            return;
        }
        if (isAlone)
        {
            SettleAll();
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute() => SettleAll();

    private void SettleAll()
    {
        do
        {
            // Whoever raises the count has queued one before.
            if (_groups.TryDequeue(out var group))
            {
                // What the group's messages are published by comes behind it, on this thread.
                using var keeping = NearbyWork.Keep();
                foreach (var item in group)
                {
                    item.Settle();
                }
            }
        } while (Interlocked.Decrement(ref _pending) != 0);
    }
}
