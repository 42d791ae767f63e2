namespace Teahouse.Storage;

/// <summary>Writes of one kind, many at a time: what waits goes to the database as a few statements in one round trip, which is one transaction with one sync. Items of one key
/// wait for each other in a lane of their own; a lane whose rows somebody holds waits apart, so that it holds up no other. Thread-safe.</summary>
internal sealed partial class PostgresGroups<TItem, TResult>(GroupWrite<TItem, TResult> kind, PostgresDb db, PostgresSources sources, ILogger log) : ISleeper, IThreadPoolWorkItem
{
    /// <summary>Items that may wait; past it the answer is <see cref="Refusal.Busy"/> at once.</summary>
    private const int Capacity = 8192;

    /// <summary>Most items of one group: past this the round trip's share is already small.</summary>
    private const int MaxGroup = 256;

    /// <summary>A further group is begun beside those under way when so many wait: several small ones cost more than a large one.</summary>
    private const int LargeGroup = 64;

    /// <summary>Groups under way at once, besides lanes that wait apart.</summary>
    private const int MaxRunning = 3;

    /// <summary>Lanes that wait apart at once; more take turns.</summary>
    private const int MaxApart = PostgresSources.Groups - MaxRunning;

    private readonly Settlement _settlement = new();

    // Guards all below.
    private readonly Lock _gate = new();
    private readonly Dictionary<string, GroupLane<TItem, TResult>> _lanes = [];
    private readonly LinkedList<GroupLane<TItem, TResult>> _ready = [];
    private readonly Queue<GroupLane<TItem, TResult>> _apart = new();
    private int _waiting;
    private int _running;
    private int _runningApart;

    // A thread of the pool is asked to begin what may be.
    private bool _isCalled;

    /// <summary>Queues the item before it returns.</summary>
    public async Task<TResult> RunAsync(TItem item)
    {
        db.BeginWork();
        try
        {
            return await Queue(item);
        }
        finally
        {
            db.EndWork();
        }
    }

    private Task<TResult> Queue(TItem item)
    {
        var pending = new GroupItem<TItem, TResult>(kind, item);
        lock (_gate)
        {
            if (_waiting >= Capacity)
            {
                throw new RefusedException(Refusal.Busy);
            }
            _waiting++;
            var key = kind.KeyOf(item);
            if (!_lanes.TryGetValue(key, out var lane))
            {
                _lanes.Add(key, lane = new GroupLane<TItem, TResult>(key));
            }
            lane.Waiting.Enqueue(pending);
            if (!lane.IsTaken)
            {
                lane.IsTaken = true;
                Await(lane);
            }
            if (_isCalled || !(CanBegin || CanBeginApart))
            {
                return pending.Task;
            }
            _isCalled = true;
        }
        // Not on the caller's thread, and not before it has queued what else it has at hand: all that is one group.
        WakeBatch.Wake(this);
        return pending.Task;
    }

    void ISleeper.WakeUp() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    void IThreadPoolWorkItem.Execute()
    {
        List<Group>? groups;
        lock (_gate)
        {
            _isCalled = false;
            groups = TakeGroups();
        }
        WorkAll(groups);
    }

    /// <summary>Returns when each has come as far as its round trip.</summary>
    private void WorkAll(List<Group>? groups)
    {
        foreach (var group in groups ?? [])
        {
            _ = WorkAsync(group);
        }
    }

    /// <summary>Has the lane wait for its turn: apart when it begins with one that must be done alone, and may wait for others' rows in a way of its own. Under the lock.</summary>
    private void Await(GroupLane<TItem, TResult> lane)
    {
        if (kind.CanJoin(lane.Waiting.Peek().Item))
        {
            _ready.AddLast(lane);
        }
        else
        {
            _apart.Enqueue(lane);
        }
    }

    /// <summary>Under the lock.</summary>
    private bool CanBegin => _ready.Count > 0 && _running < MaxRunning && (_running == 0 || _waiting >= LargeGroup * (_running + 1));

    /// <summary>Under the lock.</summary>
    private bool CanBeginApart => _apart.Count > 0 && _runningApart < MaxApart;

    /// <summary>What may be begun now; null for nothing. Under the lock.</summary>
    private List<Group>? TakeGroups()
    {
        List<Group>? groups = null;
        while (CanBegin)
        {
            _running++;
            (groups ??= []).Add(new Group(TakeGroup(), IsApart: false));
        }
        while (CanBeginApart)
        {
            _runningApart++;
            var lane = _apart.Dequeue();
            (groups ??= []).Add(new Group([new GroupPart<TItem, TResult>(lane, Take(lane, MaxGroup))], IsApart: true));
        }
        return groups;
    }

    /// <summary>What waits, lane by lane. Under the lock.</summary>
    private List<GroupPart<TItem, TResult>> TakeGroup()
    {
        List<GroupPart<TItem, TResult>> group = [];
        var count = 0;
        while (_ready.First is { Value: var lane } && count < MaxGroup)
        {
            _ready.RemoveFirst();
            var items = Take(lane, MaxGroup - count);
            count += items.Count;
            group.Add(new GroupPart<TItem, TResult>(lane, items));
        }
        return group;
    }

    private List<GroupItem<TItem, TResult>> Take(GroupLane<TItem, TResult> lane, int most)
    {
        List<GroupItem<TItem, TResult>> items = [];
        while (items.Count < most && lane.Waiting.TryPeek(out var next) && (items.Count == 0 || (kind.CanJoin(items[0].Item) && kind.CanJoin(next.Item))))
        {
            items.Add(lane.Waiting.Dequeue());
        }
        _waiting -= items.Count;
        return items;
    }

    private async Task WorkAsync(Group group)
    {
        var commit = default(Commit);
        try
        {
            var committing = CommitAsync(group);
            if (committing.IsCompleted)
            {
                // There was nothing to wait for, as when there is no database: the next is not to fail deeper and deeper on the same stack.
                await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            }
            commit = await committing;
        }
#pragma warning disable CA1031 // Nobody may wait for ever, and the lanes must go on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogFailed(log, e);
            Fail(group.Parts.SelectMany(part => part.Items), e);
        }
        // Before its lanes go on, whose next items are told of behind these.
        var settles = commit.Group is { } committed && _settlement.Enqueue(committed);
        List<Group>? next;
        lock (_gate)
        {
            if (group.IsApart)
            {
                _runningApart--;
            }
            else
            {
                _running--;
            }
            foreach (var (lane, items) in group.Parts)
            {
                GiveBack(lane, commit.IsHeld ? items : []);
            }
            next = TakeGroups();
        }
        // The database works on them while this thread settles what is done.
        WorkAll(next);
        if (settles)
        {
            _settlement.SettleAll();
        }
    }

    /// <summary>Under the lock.</summary>
    private void GiveBack(GroupLane<TItem, TResult> lane, List<GroupItem<TItem, TResult>> unfinished)
    {
        if (unfinished.Count > 0)
        {
            _waiting += unfinished.Count;
            lane.Waiting = new Queue<GroupItem<TItem, TResult>>(unfinished.Concat(lane.Waiting));
            _apart.Enqueue(lane);
        }
        else if (lane.Waiting.Count > 0)
        {
            Await(lane);
        }
        else
        {
            lane.IsTaken = false;
            _lanes.Remove(lane.Key);
        }
    }

    /// <summary>What is done in one go.</summary>
    /// <param name="Parts">What it has of each lane.</param>
    /// <param name="IsApart">Of one lane, whose rows were held by somebody, or whose first item must be done alone.</param>
    private sealed record Group(List<GroupPart<TItem, TResult>> Parts, bool IsApart);

    [LoggerMessage(Level = LogLevel.Error, EventName = "group_failed", Message = "A group of writes failed")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
