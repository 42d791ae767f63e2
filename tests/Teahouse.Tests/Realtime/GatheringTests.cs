using System.Diagnostics;
using Teahouse.Realtime;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Realtime;

/// <summary>What is said between two rounds goes to the database together and in its order, and a round waits for what is on its way, but not for long.</summary>
[Trait("Transport", "Any")]
public sealed class GatheringTests
{
    private static readonly long Millisecond = Stopwatch.Frequency / 1000;

    private readonly StillRounds _rounds = new();
    private readonly Gathering _gathering = new();
    private readonly List<int> _stored = [];

    private static long Now => Stopwatch.GetTimestamp();

    [Fact]
    public void Where_rounds_do_not_stand_apart_nobody_waits()
    {
        Say(1);

        Assert.Equal([1], _stored);
        Assert.Empty(_rounds.Gatherings);
    }

    [Fact]
    public void Those_who_wait_go_on_together_in_their_order()
    {
        EndLongRound();
        Say(1, 2, 3);
        Assert.Empty(_stored);
        Assert.Single(_rounds.Gatherings);

        _gathering.End();

        Assert.Equal([1, 2, 3], _stored);
    }

    [Fact]
    public void Whoever_comes_from_another_thread_does_not_overtake()
    {
        EndLongRound();
        Say(1);
        _rounds.IsCurrent = false;
        Say(2);
        Assert.Empty(_stored);

        _gathering.End();
        Say(3);

        Assert.Equal([1, 2, 3], _stored);
    }

    [Fact]
    public void Who_comes_while_others_go_on_comes_behind_them()
    {
        EndLongRound();
        _ = SayAsync(1, then: () =>
        {
            _rounds.IsCurrent = false;
            Say(3);
        });
        Say(2);

        _gathering.End();

        Assert.Equal([1, 2, 3], _stored);
    }

    [Fact]
    public void Very_many_wait_no_longer()
    {
        EndLongRound();
        Say([.. Enumerable.Range(1, 64)]);

        var now = Now;
        Assert.Equal(now, _gathering.EndsAt(now));
    }

    [Fact]
    public void A_round_waits_for_what_is_being_stored_and_for_nothing_said_since()
    {
        EndLongRound();
        Say(1, 2);
        _gathering.End();
        Say(3);
        var late = Now + (5 * Millisecond);
        // Their commit is under way: the round is put off, and the third is not stored before it.
        Assert.True(_gathering.NextRoundAt(late) > late);
        Assert.True(_gathering.EndsAt(late) > late);

        Assert.False(_gathering.Stored());
        Assert.True(_gathering.Stored());

        var quiet = Now + (500 * Millisecond);
        Assert.Equal(quiet, _gathering.NextRoundAt(quiet));
        Assert.Equal(quiet, _gathering.EndsAt(quiet));
    }

    [Fact]
    public void What_is_refused_is_not_waited_for()
    {
        EndLongRound();
        Say(1);
        _gathering.End();

        _gathering.Unsay();

        var quiet = Now + (500 * Millisecond);
        Assert.Equal(quiet, _gathering.NextRoundAt(quiet));
    }

    [Fact]
    public void A_commit_that_takes_long_holds_up_neither_the_round_nor_the_next_commit()
    {
        EndLongRound();
        Say(1);
        _gathering.End();
        Say(2);

        var later = Now + (500 * Millisecond);
        Assert.True(_gathering.NextRoundAt(later) <= later);
        Assert.True(_gathering.EndsAt(later) <= later);
    }

    [Fact]
    public async Task A_round_that_waits_is_looked_at_again_when_the_last_of_them_is_stored()
    {
        var room = new Feed(Topic.Room("r"));
        _rounds.Connect().Join(room);
        await room.SayAsync();
        await room.SayAsync();

        // With the first the loop has the room in its list.
        room.Append(new EncodedEvent(1, default, WireFrame.Encode(WireFrame.Text, "1"u8)));
        Assert.Equal(0, _rounds.Woken);
        room.Append(new EncodedEvent(2, default, WireFrame.Encode(WireFrame.Text, "2"u8)));

        Assert.Equal(1, _rounds.Woken);
    }

    /// <summary>Rounds stand apart from now on.</summary>
    private void EndLongRound()
    {
        _gathering.Pace.Began(Now - (10 * Millisecond));
        _gathering.Pace.Ended(Now);
    }

    private void Say(params int[] messages)
    {
        foreach (var message in messages)
        {
            _ = SayAsync(message);
        }
    }

    private async Task SayAsync(int message, Action? then = null)
    {
        await _gathering.SayAsync(_rounds);
        _stored.Add(message);
        then?.Invoke();
    }
}
