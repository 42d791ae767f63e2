using Teahouse.Realtime;

namespace Teahouse.Tests.Realtime;

/// <summary>Senders who wait to hear themselves before they say more, on this node and on others.</summary>
public sealed partial class RoundPaceTests
{
    [Fact]
    public void When_all_have_spoken_who_wait_to_hear_themselves_nobody_waits_wherever_they_are()
    {
        List<double> waits = [];
        List<bool> told = [];
        for (var i = 0; i < 320; i++)
        {
            Round(5);
            _now += Millisecond;
            Arrive(4, 0.05);
            // Another node's clients are heard long after a pause that would end the wait for those here.
            var apart = _pace.NextAt(_now + (6 * Millisecond)) > _now + (6 * Millisecond);
            _now += 7 * Millisecond;
            told.Add(Hear(4) && apart);
            waits.Add(Math.Max(0, _pace.NextAt(_now) - _now) / (double)Millisecond);
            _now = Math.Max(_now, _pace.NextAt(_now));
        }

        // But for the few that look whether somebody speaks later, and the first.
        Assert.InRange(waits.Skip(5).Count(wait => wait > 0), 1, 10);
        Assert.Equal(waits.Skip(5).Count(wait => wait == 0), told.Skip(5).Count(isTold => isTold));
    }

    [Fact]
    public void That_somebody_types_meanwhile_is_not_counted()
    {
        List<double> waits = [];
        for (var i = 0; i < 320; i++)
        {
            Round(5);
            _now += Millisecond;
            Arrive(5, 0.05);
            if (i % 3 == 0)
            {
                _pace.Passed(_now);
            }
            Arrive(3, 0.05);
            waits.Add(Math.Max(0, _pace.NextAt(_now) - _now) / (double)Millisecond);
            _now = Math.Max(_now, _pace.NextAt(_now));
        }

        Assert.InRange(waits.Skip(64).Count(wait => wait > 0), 1, 10);
    }

    [Fact]
    public void Who_joins_or_leaves_those_who_wait_to_hear_themselves_is_noticed()
    {
        foreach (var senders in (int[])[8, 12, 3])
        {
            List<double> waits = [];
            for (var i = 0; i < 64; i++)
            {
                Round(5);
                _now += Millisecond;
                Arrive(senders, 0.05);
                waits.Add(Math.Max(0, _pace.NextAt(_now) - _now) / (double)Millisecond);
                _now = Math.Max(_now, _pace.NextAt(_now));
            }

            Assert.InRange(waits.Skip(40).Average(), 0, 1.5);
        }
    }

    [Fact]
    public void Nodes_that_wait_for_each_others_clients_in_vain_begin_their_rounds_together()
    {
        List<double> begins = [];
        foreach (var late in (int[])[0, 9])
        {
            var now = _now + (late * Millisecond);
            var pace = new RoundPace(new WallClock(() => now));
            for (var i = 0; i < 40; i++)
            {
                var began = now;
                pace.Began(now);
                Pass(4);
                pace.Ended(now);
                // Never as many as before, and nothing for a long time after them.
                for (var said = 0; said < 4 + (i % 3); said++)
                {
                    Pass(0.5);
                    pace.Arrived(now);
                }
                Pass(Math.Max(0, pace.NextAt(now) - now) / (double)Millisecond);
                Assert.InRange((now - began) / (double)Millisecond, 0, 47);
            }
            begins.Add((now - _now) / (double)Millisecond % 31);

            void Pass(double milliseconds) => now += (long)(milliseconds * Millisecond);
        }

        Assert.Equal(begins[0], begins[1], 0.1);
    }

    /// <summary>Clients of another node have said so much.</summary>
    private bool Hear(int count)
    {
        var isAll = false;
        for (var i = 0; i < count; i++)
        {
            isAll = _pace.Arrived(_now);
        }
        return isAll;
    }
}
