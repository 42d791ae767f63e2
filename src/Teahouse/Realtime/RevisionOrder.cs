namespace Teahouse.Realtime;

/// <summary>Puts what happened in a room into the order of its revisions. Commits of one room may become known here in another order than they happened, by a moment in one process and by
/// a little more across machines: what comes too early is held until those before it have come, or for <see cref="Patience"/>; readers then see the gap and read it from
/// the database, each for themselves. Not thread-safe.</summary>
internal sealed class RevisionOrder<T>(TimeProvider time)
{
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    private readonly Dictionary<Topic, Held> _held = [];

    /// <summary>How long until something has been held for long enough; null when nothing is held.</summary>
    public TimeSpan? NextDue
    {
        get
        {
            TimeSpan? next = null;
            foreach (var held in _held.Values)
            {
                var left = Patience - time.GetElapsedTime(held.Since);
                next = left < next || next is null ? left : next;
            }
            return next < TimeSpan.Zero ? TimeSpan.Zero : next;
        }
    }

    /// <summary>Takes one in, and returns what can be published now, in order.</summary>
    /// <param name="topic">Where it happened.</param>
    /// <param name="headRev">The newest revision published there; 0 when none was, and any may be the first.</param>
    /// <param name="rev">Its revision.</param>
    /// <param name="item">What is to be published.</param>
    public IReadOnlyList<T> Add(Topic topic, long headRev, long rev, T item)
    {
        var isNext = headRev == 0 || rev <= headRev + 1;
        if (!_held.TryGetValue(topic, out var held))
        {
            if (isNext)
            {
                return [item];
            }
            _held.Add(topic, held = new Held(time.GetTimestamp()));
        }
        if (!isNext)
        {
            held.Items[rev] = item;
            return [];
        }
        List<T> ready = [item];
        for (var next = Math.Max(rev, headRev) + 1; held.Items.Remove(next, out var follower); next++)
        {
            ready.Add(follower);
        }
        if (held.Items.Count == 0)
        {
            _held.Remove(topic);
        }
        return ready;
    }

    /// <summary>What has been held for long enough, in order.</summary>
    public IReadOnlyList<T> TakeOverdue()
    {
        if (_held.Count == 0)
        {
            return [];
        }
        List<T> ready = [];
        foreach (var (topic, held) in _held.Where(pair => time.GetElapsedTime(pair.Value.Since) >= Patience).ToList())
        {
            ready.AddRange(held.Items.Values);
            _held.Remove(topic);
        }
        return ready;
    }

    private sealed class Held(long since)
    {
        public long Since => since;

        public SortedDictionary<long, T> Items { get; } = [];
    }
}
