using System.Collections.Concurrent;
using System.Text.Json;

namespace Teahouse.Realtime;

/// <summary>Lets the limits of all nodes count together: what is used up on one is told to the others, ten times a second at most. Thread-safe.</summary>
public sealed class SharedCounts(IBackplane backplane, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private const string Subject = "counts";

    private readonly ConcurrentDictionary<string, Action<string, int>> _counters = new();

    private sealed record Used(string Limit, string Key, int Count);

    private readonly WakeUp _counted = new();

    // Guards _used.
    private readonly object _gate = new();
    private Dictionary<(string Limit, string Key), int> _used = [];

    /// <summary>Names a limit of this process.</summary>
    /// <param name="limit">The same on every node.</param>
    /// <param name="use">Takes from a key what another node has used. Called one after the other.</param>
    public void Share(string limit, Action<string, int> use) => _counters[limit] = use;

    /// <summary>One of the key's permits was used here.</summary>
    public void Count(string limit, string key)
    {
        if (!backplane.IsShared)
        {
            return;
        }
        bool isFirst;
        lock (_gate)
        {
            isFirst = _used.Count == 0;
            _used[(limit, key)] = _used.GetValueOrDefault((limit, key)) + 1;
        }
        if (isFirst)
        {
            _counted.Say();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!backplane.IsShared)
        {
            return;
        }
        backplane.Told += Hear;
        try
        {
            // Sleeps until something is used: most nodes have nothing to tell most of the time.
            while (await _counted.WaitAsync(Timeout.InfiniteTimeSpan, stoppingToken))
            {
                await Task.Delay(Interval, time, stoppingToken);
                Tell();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program stops.
        }
        finally
        {
            backplane.Told -= Hear;
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _counted.Dispose();
    }

    private void Tell()
    {
        Dictionary<(string Limit, string Key), int> used;
        lock (_gate)
        {
            if (_used.Count == 0)
            {
                return;
            }
            (used, _used) = (_used, []);
        }
        // Keys hold what people typed: only as JSON can none of them pass for more than one.
        backplane.Tell(Subject, JsonSerializer.Serialize(used.Select(pair => new Used(pair.Key.Limit, pair.Key.Key, pair.Value))));
    }

    private void Hear(string node, string subject, string body)
    {
        if (subject != Subject)
        {
            return;
        }
        foreach (var (limit, key, count) in JsonSerializer.Deserialize<Used[]>(body) ?? [])
        {
            if (_counters.TryGetValue(limit, out var use))
            {
                use(key, count);
            }
        }
    }
}
