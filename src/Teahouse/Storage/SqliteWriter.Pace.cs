using System.Diagnostics;

namespace Teahouse.Storage;

/// <summary>How large a group the writer waits for: it depends on how fast writes come.</summary>
internal sealed partial class SqliteWriter
{
    /// <summary>A group of this size need not wait for more.</summary>
    private const int LargeGroup = 32;

    /// <summary>Under load a smaller group waits this long for more, and again while more came: a commit costs the processor as much as several rows. A write that comes alone never waits.</summary>
    private static readonly TimeSpan GatherTime = TimeSpan.FromMilliseconds(2);

    /// <summary>How often it waits at the most.</summary>
    private const int MostWaits = 2;

    /// <summary>One group in so many waits once more than was worth it of late.</summary>
    private const int GroupsPerProbe = 32;

    /// <summary>Writes closer together than this, on average, are load.</summary>
    private static readonly long BusyInterval = Stopwatch.Frequency / 1000;

    /// <summary>What was written longer ago says nothing about now.</summary>
    private static readonly long Pause = Stopwatch.Frequency * 8 / 1000;

    // The pace of writes; belongs to the writer thread.
    private long _committedAt;
    private long _interval = Stopwatch.Frequency;
    private int _worthwhile = MostWaits;
    private int _untilProbe;

    /// <summary>Under load, waits for a larger group. Called under the lock.</summary>
    private void Gather()
    {
        var allowed = _worthwhile;
        if (--_untilProbe <= 0)
        {
            allowed = Math.Min(allowed + 1, MostWaits);
            _untilProbe = GroupsPerProbe;
        }
        var waits = 0;
        for (; waits < allowed && _waiting.Count is > 0 and < LargeGroup && IsUnderLoad(); waits++)
        {
            var before = _waiting.Count;
            Monitor.Wait(_gate, GatherTime);
            if (_waiting.Count == before)
            {
                // Everybody who would write waits for an answer first.
                _worthwhile = waits;
                return;
            }
        }
        _worthwhile = Math.Max(_worthwhile, waits);
    }

    /// <summary>Writes have followed one another closely of late, and still do.</summary>
    private bool IsUnderLoad() => _interval < BusyInterval && Stopwatch.GetTimestamp() - _committedAt < Pause;

    private void Pace(int count)
    {
        var now = Stopwatch.GetTimestamp();
        // A running mean over about eight commits; a pause counts as no more than makes the mean forget.
        _interval += ((Math.Min(now - _committedAt, Pause) / Math.Max(1, count)) - _interval) / 8;
        _committedAt = now;
        _pages += PagesPerCommit + count;
    }
}
