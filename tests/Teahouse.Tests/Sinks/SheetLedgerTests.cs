using Teahouse.Sinks.GoogleSheets;

namespace Teahouse.Tests.Sinks;

/// <summary>What a look at the ids tells: written over by a call whose rows had moved, or deleted by a person.</summary>
public sealed class SheetLedgerTests
{
    [Fact]
    public void What_stands_as_written_is_in_order()
    {
        Assert.Null(Compare("10:1 11:2 12:3 13:4"));
    }

    [Theory]
    // Moved as a whole; a row between; deleted in the middle, a part of a call, at the beginning; an id edited away.
    [InlineData("15:1 16:2 17:3 18:4")]
    [InlineData("10:1 11:2 13:3 14:4")]
    [InlineData("10:1 11:4")]
    [InlineData("10:1 11:2 12:3")]
    [InlineData("10:3 11:4")]
    [InlineData("10:1 12:3 13:4")]
    [InlineData("")]
    public void What_a_person_does_stays(string found)
    {
        Assert.Null(Compare(found));
    }

    [Theory]
    // 3 and 4 were written to 12 and 13 after one row, then two, had been inserted above.
    [InlineData("11:1 12:3 13:4", "2 3 4", "12 13")]
    [InlineData("12:3 13:4", null, null)]
    public void What_was_written_over_is_told_from_what_was_deleted(string found, string? ids, string? rows)
    {
        var damage = Compare(found);

        Assert.Equal((ids, rows), damage is null ? (null, null) : (string.Join(' ', damage.Ids), string.Join(' ', damage.Rows)));
    }

    [Theory]
    // The repeat went to 13, the late call to 12.
    [InlineData("10:1 11:2 12:3 13:4 14:4", "4", "13 14")]
    [InlineData("11:1 12:3 13:4 14:4", "2 3 4", "12 13 14")]
    public void What_is_doubled_is_put_right_only_when_a_call_may_have_come_late(string found, string ids, string rows)
    {
        var damage = Compare(found, isSuspect: true);

        Assert.NotNull(damage);
        Assert.Equal((ids, rows), (string.Join(' ', damage.Ids), string.Join(' ', damage.Rows)));
    }

    [Theory]
    // Nothing was written since; rows were, to the places behind; they were, to the same places.
    [InlineData("10:1 11:2", 0, "3 4", "")]
    [InlineData("10:1 11:2 14:5 15:6", 14, "3 4 5 6", "12 13 14 15")]
    [InlineData("10:1 11:2 12:5 13:6", 12, "3 4 5 6", "12 13")]
    public void A_call_of_which_nothing_arrived_is_told(string found, int next, string ids, string rows)
    {
        var damage = Compare(found, next: next);

        Assert.NotNull(damage);
        Assert.Equal((ids, rows), (string.Join(' ', damage.Ids), string.Join(' ', damage.Rows)));
    }

    [Fact]
    public void What_a_person_copied_stays()
    {
        Assert.Null(Compare("10:1 11:2 12:3 13:4 14:4"));
    }

    private static Damage? Compare(string found, bool isSuspect = false, int next = 0)
    {
        var ledger = new SheetLedger();
        ledger.Begin([new(10, 1), new(11, 2)]);
        ledger.Add(12, [3, 4]);
        if (next > 0)
        {
            ledger.Add(next, [5, 6]);
        }
        return ledger.Compare([.. found.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(each => each.Split(':')).Select(pair => new Placed(long.Parse(pair[0], null), long.Parse(pair[1], null)))], isSuspect);
    }
}
