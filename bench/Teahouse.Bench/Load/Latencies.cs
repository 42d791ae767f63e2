using System.Numerics;

namespace Teahouse.Bench.Load;

/// <summary>Counts of durations in microseconds, exact to 1/64, at the cost of one addition each.</summary>
internal sealed class Latencies
{
    private const int Steps = 64;
    private const int StepBits = 6;

    private readonly long[] _counts = new long[Steps * 40];
    private long _total;

    public void Add(long microseconds)
    {
        _counts[Index(Math.Max(0, microseconds))]++;
        _total++;
    }

    /// <summary>The duration, in milliseconds, that this share of all does not exceed; 0 when there is none.</summary>
    public double Milliseconds(double share)
    {
        var left = (long)Math.Ceiling(share * _total);
        for (var i = 0; i < _counts.Length && _total > 0; i++)
        {
            left -= _counts[i];
            if (left <= 0)
            {
                return LowerEdge(i) / 1000.0;
            }
        }
        return 0;
    }

    private static int Index(long value)
    {
        if (value < Steps)
        {
            return (int)value;
        }
        var shift = BitOperations.Log2((ulong)value) - StepBits;
        return Math.Min(((shift + 1) * Steps) + (int)((value >> shift) & (Steps - 1)), (Steps * 40) - 1);
    }

    private static long LowerEdge(int index)
    {
        var shift = (index / Steps) - 1;
        return shift < 0 ? index : (long)(Steps + (index % Steps)) << shift;
    }
}
