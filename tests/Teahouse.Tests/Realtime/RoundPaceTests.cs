using System.Diagnostics;
using Teahouse.Realtime;

namespace Teahouse.Tests.Realtime;

/// <summary>How far apart a room's rounds stand: not at all when it is quiet or small, at most 26 ms under load, and only while more is coming in.</summary>
[Trait("Transport", "Any")]
public sealed partial class RoundPaceTests
{
    private static readonly long Millisecond = Stopwatch.Frequency / 1000;

    private readonly RoundPace _pace;
    private long _now = Stopwatch.Frequency * 1000;

    public RoundPaceTests() => _pace = new RoundPace(new WallClock(() => _now));

    [Fact]
    public void The_first_message_of_a_quiet_room_goes_out_at_once()
    {
        Arrive(1, 0);

        Assert.Equal(_now, _pace.NextAt(_now));
    }

    [Fact]
    public void A_small_room_never_waits_however_much_is_said()
    {
        for (var i = 0; i < 100; i++)
        {
            Arrive(1, 0.2);
            Round(0.3);
            Assert.Equal(_now, _pace.NextAt(_now));
        }
    }

    [Fact]
    public void Under_load_the_wait_grows_with_the_round_up_to_its_cap()
    {
        List<double> waits = [];
        foreach (var round in (double[])[1, 2, 5, 8, 1000])
        {
            Stream(50);
            Round(round, busy: true);
            var began = _now;
            while (_pace.NextAt(_now) > _now)
            {
                Arrive(1, 0.25);
            }
            waits.Add((_now - began) / (double)Millisecond);
        }

        Assert.InRange(waits[0], 8, 10);
        Assert.InRange(waits[1], 17, 19);
        // From here on as long from one beginning to the next, but for a round so long that hardly any wait would be left.
        Assert.InRange(waits[2], 21, 22.5);
        Assert.InRange(waits[3], 18, 19.5);
        Assert.InRange(waits[4], 15, 16.5);
    }

    [Fact]
    public void Rounds_of_a_room_that_clients_of_other_nodes_speak_in_stand_further_apart()
    {
        Stream(50);
        Hear(1);
        Round(5, busy: true);
        var began = _now;
        while (_pace.NextAt(_now) > _now)
        {
            Arrive(1, 0.25);
        }

        Assert.InRange((_now - began) / (double)Millisecond, 25, 26.5);
    }

    [Fact]
    public void When_the_stream_ends_so_does_the_wait()
    {
        Stream(50);
        Round(50, busy: true);
        var at = _pace.NextAt(_now);

        // Something came every half millisecond until now: who has said nothing for three times as long is done.
        Assert.InRange((at - _now) / (double)Millisecond, 0.5, 3);
        _now = at;
        Assert.True(_pace.NextAt(_now) <= _now);
    }

    [Fact]
    public void Bunches_that_come_because_nobody_is_read_during_a_round_do_not_end_the_wait()
    {
        List<double> waits = [];
        for (var i = 0; i < 100; i++)
        {
            Round(9);
            // What was said meanwhile is read and stored at once, then one comes every 1.25 ms, a little unevenly.
            Arrive(8, 0.01);
            var began = _now;
            while (_pace.NextAt(_now) is var at && at > _now)
            {
                var next = _now + (long)((i + _now) % 3 * 0.7 * Millisecond) + (Millisecond / 2);
                _now = Math.Min(at, next);
                if (_now == next)
                {
                    Say();
                }
            }
            waits.Add((_now - began) / (double)Millisecond);
        }

        Assert.All(waits.Skip(40), wait => Assert.InRange(wait, 16, 18.5));
    }

    [Fact]
    public void Senders_who_wait_to_hear_themselves_are_not_kept_waiting()
    {
        List<double> waits = [];
        for (var i = 0; i < 320; i++)
        {
            Round(9);
            _now += 2 * Millisecond;
            // All that is under way comes together; nothing more will before the next round.
            Arrive(8, 0.05);
            var began = _now;
            while (_pace.NextAt(_now) is var at && at > _now)
            {
                _now = at;
            }
            waits.Add((_now - began) / (double)Millisecond);
        }

        // But for the few that look whether somebody speaks later.
        Assert.InRange(waits.Average(), 0, 1.5);
    }

    [Fact]
    public void A_lone_message_after_the_load_goes_out_at_once_again()
    {
        Stream(50);
        Round(50, busy: true);
        for (var i = 0; i < 40; i++)
        {
            _now += 500 * Millisecond;
            Arrive(1, 0);
            if (i > 30)
            {
                Assert.Equal(_now, _pace.NextAt(_now));
            }
            Round(3);
        }
        Arrive(1, 0);

        // Even right after a round that took long: nothing more is expected before the wait would end.
        Assert.Equal(_now, _pace.NextAt(_now));
    }

    [Fact]
    public void What_is_said_between_two_rounds_is_stored_shortly_before_the_second()
    {
        List<double> leads = [];
        for (var i = 0; i < 40; i++)
        {
            Round(9);
            var storedAt = 0L;
            do
            {
                _now += Millisecond;
                _pace.Said(_now);
                storedAt = storedAt == 0 && _pace.StoreAt(_now) <= _now ? _now : storedAt;
            } while (_pace.NextAt(_now) > _now);
            leads.Add((_now - storedAt) / (double)Millisecond);
        }

        // The first few waits teach it how fast they speak.
        Assert.All(leads.Skip(10), lead => Assert.InRange(lead, 2, 4));
    }

    [Fact]
    public void What_is_said_in_a_small_or_a_quiet_room_is_stored_at_once()
    {
        Round(0.3);
        _pace.Said(_now);
        Assert.Equal(_now, _pace.StoreAt(_now));

        Round(9);
        _now += 500 * Millisecond;
        _pace.Said(_now);
        Assert.Equal(_now, _pace.StoreAt(_now));
    }

    [Fact]
    public void What_those_say_who_wait_to_hear_themselves_is_stored_at_once_whatever_comes_from_elsewhere()
    {
        List<double> waits = [];
        for (var i = 0; i < 320; i++)
        {
            Round(9);
            _now += 2 * Millisecond;
            for (var said = 0; said < 4; said++)
            {
                _pace.Said(_now);
            }
            waits.Add(Math.Max(0, _pace.StoreAt(_now) - _now) / (double)Millisecond);
            // Another node's clients are heard later: that teaches a wait to the rounds, not to these.
            _now += 5 * Millisecond;
            Hear(4);
            _now = Math.Max(_now, _pace.NextAt(_now));
        }

        Assert.InRange(waits.Skip(20).Max(), 0, 1.1);
    }

    /// <summary>So much that is said for a while that more is to be expected.</summary>
    private void Stream(double milliseconds) => Arrive((int)(milliseconds * 2), 0.5);

    private void Arrive(int count, double every)
    {
        for (var i = 0; i < count; i++)
        {
            _now += (long)(every * Millisecond);
            Say();
        }
    }

    /// <summary>Somebody here says something, which is stored at once.</summary>
    private void Say()
    {
        _pace.Said(_now);
        _pace.Appended(_now);
    }

    private void Round(double milliseconds, bool busy = false)
    {
        var began = _now;
        _pace.Began(began);
        if (busy)
        {
            Stream(milliseconds);
        }
        _now = began + (long)(milliseconds * Millisecond);
        _pace.Ended(_now);
    }

    private sealed class WallClock(Func<long> now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + TimeSpan.FromMilliseconds(now() / (double)Millisecond);
    }
}
