namespace Teahouse.Tests.Support;

/// <summary>The system's clock, set wrong by <see cref="Offset"/>. As on a real machine, setting it does not touch what measures durations; <see cref="StandStill"/> does.</summary>
public sealed class ShiftedClock : TimeProvider
{
    private long _ticks;
    private long _stood;

    public TimeSpan Offset
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _ticks));
        set => Interlocked.Exchange(ref _ticks, value.Ticks);
    }

    /// <summary>As if nothing had run for this long.</summary>
    public void StandStill(TimeSpan time) => Interlocked.Add(ref _stood, (long)(time.TotalSeconds * TimestampFrequency));

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;

    public override long GetTimestamp() => System.GetTimestamp() + Interlocked.Read(ref _stood);
}
