namespace Teahouse.Tests.Support;

/// <summary>The system's clock, set wrong by <see cref="Offset"/>. As on a real machine, setting it does not touch what measures durations.</summary>
public sealed class ShiftedClock : TimeProvider
{
    private long _ticks;

    public TimeSpan Offset
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _ticks));
        set => Interlocked.Exchange(ref _ticks, value.Ticks);
    }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;
}
