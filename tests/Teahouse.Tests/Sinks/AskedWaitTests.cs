using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Sinks;

/// <summary>How long is waited when the other side says how long.</summary>
public sealed class AskedWaitTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    // At once: as long as without that.
    [InlineData(0, 20, 30)]
    [InlineData(100, 100, 100)]
    [InlineData(100_000_000, 3600, 3600)]
    public async Task Google_may_ask_neither_to_go_on_without_a_pause_nor_for_ever(int askedSeconds, double least, double most)
    {
        await using var google = await FakeGoogle.StartAsync();
        google.Meet = _ => Fault.Quota(askedSeconds);
        await using var site = await SheetServer.StartAsync(google, [("SINK_RETRY_SECONDS", "20"), ("SINK_RETRY_MAX_SECONDS", "60")]);

        await site.SayAsync("x");
        long? wait = null;
        await Eventually.TrueAsync(async () => (wait = await site.Server.Get<Db>().ReadAsync(session => session.FindAsync<long?>("SELECT wait_until - last_error_at FROM sinks WHERE attempts > 0"), Ct)) is not null);

        // It is counted from a moment before it is written down.
        Assert.InRange(wait!.Value / 1000.0, least - 1, most);
    }
}
