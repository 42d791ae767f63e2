using Teahouse.Bench.Load;

namespace Teahouse.Tests.Bench;

/// <summary>A checker that notices nothing would call every server exact.</summary>
public sealed class DeliveryCheckTests
{
    private readonly DeliveryCheck _check = new(rooms: 2, members: 2, senders: 2);

    [Fact]
    public void What_reaches_everybody_in_order_is_no_fault()
    {
        for (var number = 0; number < 200; number++)
        {
            _check.Sent(1);
            Assert.Equal(1, _check.Unfinished);
            Assert.True(_check.Receive(1, 0, number, number + 7));
            Assert.True(_check.Receive(1, 1, number, number + 7));
        }

        Assert.Equal((400, 0, 0, 0, 0, 0), (_check.Delivered, _check.Unfinished, _check.Missing, _check.Doubled, _check.Disordered, _check.Unknown));
    }

    [Fact]
    public void A_lost_message_is_missing_at_the_member_who_lacks_it()
    {
        Send(3);
        Receive(0, [0, 1, 2]);
        Receive(1, [0, 2]);

        Assert.Equal((1, 1), (_check.Missing, _check.Unfinished));
        Assert.Equal(5, _check.Delivered);
    }

    [Fact]
    public void A_doubled_message_is_counted_once()
    {
        Send(2);
        Receive(0, [0, 1, 1]);
        Receive(1, [0, 1, 0]);

        Assert.Equal((4, 2, 0), (_check.Delivered, _check.Doubled, _check.Missing));
    }

    [Fact]
    public void Messages_of_one_sender_in_the_wrong_order_are_noticed_without_the_servers_numbers()
    {
        Send(4);
        Receive(0, [0, 1, 2, 3]);
        // 0 and 2 are of one sender, 1 and 3 of the other: only the first pair is in the wrong order.
        Receive(1, [2, 0, 1, 3]);

        Assert.Equal((1, 0, 0), (_check.Disordered, _check.Missing, _check.Doubled));
    }

    [Theory]
    [InlineData(1, 3)] // A hole.
    [InlineData(1, 1)] // No step.
    [InlineData(2, 1)] // Back.
    public void Numbers_that_do_not_rise_by_one_are_noticed(long first, long second)
    {
        Send(2);
        _check.Receive(0, 0, 0, first);
        _check.Receive(0, 0, 1, second);

        Assert.Equal(1, _check.Disordered);
    }

    [Fact]
    public void Members_who_see_different_orders_are_noticed()
    {
        // Of two senders, so that each member's own view is in order.
        Send(2);
        _check.Receive(0, 0, 0, 1);
        _check.Receive(0, 0, 1, 2);
        _check.Receive(0, 1, 1, 1);
        _check.Receive(0, 1, 0, 2);

        Assert.Equal(2, _check.Disordered);
    }

    [Fact]
    public void A_message_nobody_sent_is_noticed()
    {
        Send(1);
        Assert.False(_check.Receive(0, 0, 1, null));
        Assert.False(_check.Receive(7, 0, 0, null));

        Assert.Equal((2, 0), (_check.Unknown, _check.Delivered));
    }

    private void Send(int messages)
    {
        for (var i = 0; i < messages; i++)
        {
            _check.Sent(0);
        }
    }

    private void Receive(int member, int[] numbers)
    {
        foreach (var number in numbers)
        {
            _check.Receive(0, member, number, null);
        }
    }
}
