using System.Collections.Concurrent;

namespace Teahouse.Storage;

/// <summary>Settles what was committed, group by group in the order of the commits, on a thread of the pool: the next group is written meanwhile, and the pool is woken once a group instead
/// of once a write. Thread-safe.</summary>
internal sealed class Settlement : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<WriteItem[]> _groups = new();
    private int _pending;

    public void Add(List<WriteItem> group)
    {
        _groups.Enqueue([.. group]);
        if (Interlocked.Increment(ref _pending) == 1)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        do
        {
            // Whoever raises the count has queued one before.
            if (_groups.TryDequeue(out var group))
            {
                foreach (var item in group)
                {
                    item.Settle();
                }
            }
        } while (Interlocked.Decrement(ref _pending) != 0);
    }
}
