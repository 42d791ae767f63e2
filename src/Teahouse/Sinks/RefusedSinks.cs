using System.Collections.Concurrent;

namespace Teahouse.Sinks;

/// <summary>Sinks whose last turn met a database that takes nothing. What such a turn delivered is not written down and will be delivered again, so each is left alone for a time that doubles,
/// measured on the clock that nobody sets. Thread-safe.</summary>
internal sealed class RefusedSinks(TimeProvider clock)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<long, (int Times, long Since)> _sinks = new();

    public bool Contains(long id) => _sinks.ContainsKey(id);

    public bool MayBeServed(long id) => !_sinks.TryGetValue(id, out var refused) || clock.GetElapsedTime(refused.Since) >= WaitOf(refused.Times);

    public void Add(long id) => _sinks.AddOrUpdate(id, _ => (1, clock.GetTimestamp()), (_, before) => (before.Times + 1, clock.GetTimestamp()));

    public void Remove(long id) => _sinks.TryRemove(id, out _);

    private static TimeSpan WaitOf(int times) => First * Math.Min(Math.Pow(2, times - 1), Longest / First);
}
