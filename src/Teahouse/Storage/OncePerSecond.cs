using System.Diagnostics;

namespace Teahouse.Storage;

/// <summary>Lets one line a second into the log of what every request would say while it lasts. Thread-safe.</summary>
internal sealed class OncePerSecond
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    private long _at;

    /// <summary>True for the one who may write it.</summary>
    public bool MayWarn()
    {
        var at = Volatile.Read(ref _at);
        return (at == 0 || Stopwatch.GetElapsedTime(at) > Between) && Interlocked.CompareExchange(ref _at, Stopwatch.GetTimestamp(), at) == at;
    }
}
