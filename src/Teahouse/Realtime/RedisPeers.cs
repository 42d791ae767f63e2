using System.Collections.Concurrent;

namespace Teahouse.Realtime;

/// <summary>The nodes that were heard of, this one among them, by the numbered beats that each sends. Thread-safe.</summary>
/// <param name="time">The clock.</param>
/// <param name="silence">Without a beat for so long a node counts as not heard.</param>
internal sealed class RedisPeers(TimeProvider time, TimeSpan silence)
{
    /// <summary>A node that has been silent for so long is gone for good.</summary>
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, LastBeat> _beats = new();

    private readonly record struct LastBeat(long Number, long At);

    /// <summary>True while every node is heard.</summary>
    public bool AllHeard
    {
        get
        {
            foreach (var (node, beat) in _beats)
            {
                var age = time.GetElapsedTime(beat.At);
                if (age > Remembered)
                {
                    _beats.TryRemove(node, out _);
                }
                else if (age > silence)
                {
                    return false;
                }
            }
            return true;
        }
    }

    /// <summary>Those that are heard.</summary>
    public IReadOnlyList<string> Heard => [.. _beats.Keys.Where(IsHeard).Order(StringComparer.Ordinal)];

    public bool IsHeard(string node) => _beats.TryGetValue(node, out var beat) && time.GetElapsedTime(beat.At) <= silence;

    /// <summary>Takes a beat. False when those before it were not all heard: a hole in the numbers, or a node that is new here.</summary>
    public bool Beat(string node, long number)
    {
        var isNext = _beats.TryGetValue(node, out var last) && last.Number + 1 == number;
        _beats[node] = new LastBeat(number, time.GetTimestamp());
        return isNext;
    }

    /// <summary>The node stops, and will not be missed.</summary>
    public void Bye(string node) => _beats.TryRemove(node, out _);
}
