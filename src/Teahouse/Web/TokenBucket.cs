using System.Diagnostics;

namespace Teahouse.Web;

/// <summary>Permits that come back at a steady rate, and debts: what was used where nobody could ask first is owed, and paid before anything is given again. The framework's bucket gives what
/// there is and forgets the rest, so that two nodes together would give more than one. Thread-safe.</summary>
public sealed class TokenBucket
{
    /// <summary>The most that can be owed, in capacities: what so many others can have used before they heard of each other.</summary>
    private const int MaxOwed = 16;

    /// <summary>The least time to wait that is told: to ask more often than this costs more than it brings.</summary>
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(10);

    private readonly double _capacity;
    private readonly double _perSecond;

    // Protects what follows.
    private readonly object _gate = new();
    private double _permits;
    private long _at = Stopwatch.GetTimestamp();
    private long _usedAt = Stopwatch.GetTimestamp();

    /// <param name="capacity">How many permits may be used at once, at least 1.</param>
    /// <param name="perSecond">How many come back in a second, above 0.</param>
    public TokenBucket(double capacity, double perSecond) => (_capacity, _perSecond, _permits) = (capacity, perSecond, capacity);

    /// <summary>How many whole permits there are; 0 while some are owed.</summary>
    public long Left
    {
        get
        {
            lock (_gate)
            {
                Fill();
                return (long)Math.Max(0, _permits);
            }
        }
    }

    /// <summary>Takes a permit. Returns false when there is none, and after which time there will be one.</summary>
    public bool TryTake(out TimeSpan wait)
    {
        lock (_gate)
        {
            Fill();
            if (_permits >= 1)
            {
                _permits--;
                _usedAt = _at;
                wait = TimeSpan.Zero;
                return true;
            }
            wait = TimeSpan.FromSeconds((1 - _permits) / _perSecond);
            wait = wait < LeastWait ? LeastWait : wait;
            return false;
        }
    }

    /// <summary>Takes permits that were used elsewhere, whether there are so many or not.</summary>
    public void Owe(int count)
    {
        lock (_gate)
        {
            Fill();
            _permits = Math.Max(_permits - Math.Max(0, count), -MaxOwed * _capacity);
            _usedAt = _at;
        }
    }

    /// <summary>True when it is full and was not used for so long: a new one is as good.</summary>
    public bool IsIdle(TimeSpan idle)
    {
        lock (_gate)
        {
            Fill();
            return _permits >= _capacity && Stopwatch.GetElapsedTime(_usedAt, _at) >= idle;
        }
    }

    private void Fill()
    {
        var now = Stopwatch.GetTimestamp();
        _permits = Math.Min(_capacity, _permits + (Stopwatch.GetElapsedTime(_at, now).TotalSeconds * _perSecond));
        _at = now;
    }
}
