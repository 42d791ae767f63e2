using Teahouse.Sinks;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Sinks;

/// <summary>What Google says is done and is not, and when it wants to be asked again.</summary>
[Trait("Speed", "Medium")]
public sealed class SheetLossTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, InlineData(true), InlineData(false)]
    public async Task Rows_that_Google_acknowledged_and_has_not_kept_are_written_again(bool saysMore)
    {
        var clock = new ShiftedClock();
        await using var google = await FakeGoogle.StartAsync();
        await using var site = await SheetServer.StartAsync(google, clock: clock);
        var before = await SheetTests.FillAsync(site.Server, "plaza", 4);
        await site.HasAsync(before);
        var forgotten = Fault.Forgotten();
        google.Meet = call => call == GoogleCall.Write ? Interlocked.Exchange(ref forgotten, null!) : null;

        var ids = await SheetTests.FillAsync(site.Server, "plaza", 3);
        await Eventually.TrueAsync(() => forgotten is null);
        await Eventually.TrueAsync(async () => (await site.Server.Get<SinkQueries>().FindByOriginAsync(SinkRow.SettingsOrigin, Ct))?.CursorId == ids[^1]);
        if (saysMore)
        {
            ids = [.. ids, await site.SayAsync("more")];
        }

        await site.HasAsync(clock, ids);
        await Eventually.TrueAsync(async () => (await site.Server.Get<SinkQueries>().FindByOriginAsync(SinkRow.SettingsOrigin, Ct))?.Delivered == ids.Length);
    }

    [Fact]
    public async Task A_call_in_a_row_that_Google_has_not_kept_is_written_again()
    {
        var clock = new ShiftedClock();
        await using var google = await FakeGoogle.StartAsync();
        await using var site = await SheetServer.StartAsync(google, [("GOOGLE_ROWS_PER_CALL", "3")], clock: clock);
        var before = await SheetTests.FillAsync(site.Server, "plaza", 3);
        await site.HasAsync(before);
        var left = 2;
        google.Meet = call => call == GoogleCall.Write && Interlocked.Decrement(ref left) == 0 ? Fault.Forgotten() : null;

        var ids = await SheetTests.FillAsync(site.Server, "plaza", 10);

        await site.HasAsync(clock, ids);
    }

    [Fact]
    public async Task The_time_at_which_tokens_are_to_be_asked_for_again_is_kept_to()
    {
        await using var google = await FakeGoogle.StartAsync();
        List<long> asked = [];
        google.Meet = call =>
        {
            if (call != GoogleCall.Token)
            {
                return null;
            }
            asked.Add(TimeProvider.System.GetTimestamp());
            return asked.Count == 1 ? Fault.Refused(503, "unavailable", "Later.", retryAfter: 1) : null;
        };
        await using var site = await SheetServer.StartAsync(google);

        await site.HasAsync(await site.SayAsync("held"));

        Assert.True(TimeProvider.System.GetElapsedTime(asked[0], asked[1]) >= TimeSpan.FromSeconds(0.9), $"asked again after {TimeProvider.System.GetElapsedTime(asked[0], asked[1])}");
    }
}
