using Teahouse.Client;

namespace Teahouse.Tests.Client;

[Trait("Transport", "Any")]
public sealed class BackoffTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(5, 16)]
    [InlineData(6, 30)]
    [InlineData(100_000, 30)]
    public void The_ceiling_doubles_up_to_the_longest_wait(int failures, int seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), Wait(failures, 1));
        Assert.Equal(TimeSpan.FromSeconds(seconds / 2.0), Wait(failures, 0.5));
        Assert.Equal(TimeSpan.Zero, Wait(failures, 0));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.9, 1)]
    [InlineData(4, 4)]
    [InlineData(31, 30)]
    [InlineData(86_400, 30)]
    public void Whoever_is_away_waits_no_longer_than_they_were_already(double away, int seconds)
    {
        Assert.Equal(TimeSpan.FromSeconds(seconds), Since(1));
        Assert.Equal(TimeSpan.FromSeconds(seconds / 2.0), Since(0.5));
        Assert.Equal(TimeSpan.Zero, Since(0));

        TimeSpan Since(double random) => Backoff.Since(TimeSpan.FromSeconds(away), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), random);
    }

    [Fact]
    public void A_time_the_server_named_is_never_shortened()
    {
        Assert.Equal(TimeSpan.FromMilliseconds(400), Backoff.Spread(TimeSpan.FromMilliseconds(400), 0));
        Assert.Equal(TimeSpan.FromMilliseconds(500), Backoff.Spread(TimeSpan.FromMilliseconds(400), 1));
    }

    private static TimeSpan Wait(int failures, double random) => Backoff.Next(failures, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), random);
}
