using Teahouse.Sinks.GoogleSheets;

namespace Teahouse.Tests.Sinks;

public sealed class CallPaceTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task In_no_minute_are_there_more_calls_than_allowed()
    {
        var clock = new SteppedClock();
        var pace = new CallPace(clock, 3);
        for (var i = 0; i < 3; i++)
        {
            await pace.WaitAsync("a", Ct);
            clock.Advance(TimeSpan.FromSeconds(10));
        }

        var fourth = pace.WaitAsync("a", Ct);
        await pace.WaitAsync("b", Ct);
        Assert.False(fourth.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(fourth.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(1));
        await fourth.WaitAsync(TimeSpan.FromSeconds(5), Ct);

        var fifth = pace.WaitAsync("a", Ct);
        Assert.False(fifth.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(10));
        await fifth.WaitAsync(TimeSpan.FromSeconds(5), Ct);
    }

    /// <summary>A clock whose timers fire when it is moved past them.</summary>
    private sealed class SteppedClock : TimeProvider
    {
        private readonly List<Timer> _timers = [];
        private long _now = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan by)
        {
            _now += by.Ticks;
            foreach (var timer in _timers.Where(each => each.At <= _now).ToList())
            {
                _timers.Remove(timer);
                timer.Fire();
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Timer(() => callback(state), _now + dueTime.Ticks);
            _timers.Add(timer);
            return timer;
        }

        private sealed class Timer(Action fire, long at) : ITimer
        {
            public long At => at;

            public void Fire() => fire();

            public bool Change(TimeSpan dueTime, TimeSpan period) => false;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
