using System.Collections.Concurrent;

namespace Teahouse.Storage;

/// <summary>Settles what was committed, group by group in the order of the commits, one at a time: on a thread of the pool, so that the next group is written meanwhile, and the pool is woken once a
/// group instead of once a write; or on the caller's own where to wake another would cost more. Thread-safe.</summary>
internal sealed class Settlement : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<ICommitted> _groups = new();
    private int _pending;

    /// <param name="group">Committed after those added before.</param>
    /// <param name="isAlone">The caller has nothing else to do: settled before this returns, unless an earlier group is not yet.</param>
    public void Add(ICommitted group, bool isAlone)
    {
        if (!Enqueue(group))
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

    /// <summary>Gives the group its place. True when nobody is at it: then the caller has to call <see cref="SettleAll"/>, soon.</summary>
    public bool Enqueue(ICommitted group)
    {
        _groups.Enqueue(group);
        return Interlocked.Increment(ref _pending) == 1;
    }

    void IThreadPoolWorkItem.Execute() => SettleAll();

    /// <summary>Settles what is there and what comes meanwhile.</summary>
    public void SettleAll()
    {
        do
        {
            // Whoever raises the count has queued one before.
            if (_groups.TryDequeue(out var group))
            {
                // What the group's messages are published by comes behind it, on this thread.
                using var keeping = NearbyWork.Keep();
                group.Settle();
            }
        } while (Interlocked.Decrement(ref _pending) != 0);
    }
}

/// <summary>Writes that were committed together.</summary>
internal interface ICommitted
{
    /// <summary>Tells of each what it did, in their order, and lets its caller go on.</summary>
    void Settle();
}
