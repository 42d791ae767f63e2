using Teahouse.Realtime;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Realtime;

[Trait("Transport", "Any")]
public sealed class RevisionOrderTests
{
    private static readonly Topic Room = new("room:r");

    [Fact]
    public void What_comes_too_early_waits_for_those_before_it()
    {
        var order = new RevisionOrder<long>(new ManualClock());

        Assert.Equal([1L], order.Add(Room, 0, 1, 1));
        Assert.Empty(order.Add(Room, 1, 4, 4));
        Assert.Empty(order.Add(Room, 1, 3, 3));
        Assert.NotNull(order.NextDue);
        // Another room does not wait for this one.
        Assert.Equal([9L], order.Add(new Topic("room:s"), 8, 9, 9));
        Assert.Equal([2L, 3, 4], order.Add(Room, 1, 2, 2));
        Assert.Null(order.NextDue);
    }

    [Fact]
    public void What_never_comes_is_not_waited_for_for_ever()
    {
        var clock = new ManualClock();
        var order = new RevisionOrder<long>(clock);
        order.Add(Room, 1, 4, 4);
        order.Add(Room, 1, 3, 3);
        Assert.Empty(order.TakeOverdue());

        clock.Advance(RevisionOrder<long>.Patience);

        Assert.Equal([3L, 4], order.TakeOverdue());
        // Late after all: known by then from the table, and the feed drops it.
        Assert.Equal([2L], order.Add(Room, 4, 2, 2));
        Assert.Null(order.NextDue);
    }
}
