namespace Teahouse;

/// <summary>Lets a thread do by itself what follows from what it does, where to wake another of the pool's would cost more than the work.</summary>
internal static class NearbyWork
{
    [ThreadStatic]
    private static List<IThreadPoolWorkItem>? t_kept;

    /// <summary>Until it is disposed of, on the same thread, what this thread queues is kept; then it does that, in its order.</summary>
    public static Keeping Keep()
    {
        var outermost = t_kept is null;
        t_kept ??= [];
        return new Keeping(outermost);
    }

    /// <summary>Has <paramref name="work"/> done: by this thread when it keeps, otherwise by one of the pool.</summary>
    public static void Queue(IThreadPoolWorkItem work)
    {
        if (t_kept is { } kept)
        {
            kept.Add(work);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
        }
    }

    internal readonly ref struct Keeping(bool outermost)
    {
        public void Dispose()
        {
            if (outermost && t_kept is { } kept)
            {
                t_kept = null;
                foreach (var work in kept)
                {
                    work.Execute();
                }
            }
        }
    }
}
