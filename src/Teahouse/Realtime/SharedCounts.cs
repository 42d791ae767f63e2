using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Teahouse.Realtime;

/// <summary>Lets the limits of all nodes count together: what is used up on one is told to the others a few times a second. Thread-safe.</summary>
public sealed class SharedCounts(IBackplane backplane, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private const string Subject = "counts";

    private readonly ConcurrentDictionary<string, Action<string, int>> _counters = new();

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
        lock (_gate)
        {
            _used[(limit, key)] = _used.GetValueOrDefault((limit, key)) + 1;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!backplane.IsShared)
        {
            return;
        }
        backplane.Told += Hear;
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
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
        var lines = new StringBuilder();
        foreach (var ((limit, key), count) in used)
        {
            lines.Append(CultureInfo.InvariantCulture, $"{limit} {count} {key}\n");
        }
        backplane.Tell(Subject, lines.ToString());
    }

    private void Hear(string node, string subject, string body)
    {
        if (subject != Subject)
        {
            return;
        }
        foreach (var line in body.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = line.Split(' ', 3);
            if (parts.Length == 3 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && _counters.TryGetValue(parts[0], out var use))
            {
                use(parts[2], count);
            }
        }
    }
}
