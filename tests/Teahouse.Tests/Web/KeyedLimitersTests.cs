using Teahouse.Tests.Support;
using Teahouse.Web;

namespace Teahouse.Tests.Web;

public sealed class KeyedLimitersTests
{
    [Fact]
    public async Task Who_has_not_asked_for_a_while_is_forgotten()
    {
        var limiters = Limiters(perSecond: 1000, idle: TimeSpan.FromMilliseconds(20));
        for (var i = 0; i < 1000; i++)
        {
            limiters.TryTake($"{i}", out _);
        }

        await Eventually.TrueAsync(() =>
        {
            limiters.TryTake("last", out _);
            return limiters.Count == 1;
        });
    }

    [Fact]
    public async Task Who_has_used_everything_up_is_remembered()
    {
        var limiters = Limiters(perSecond: 0.001, idle: TimeSpan.FromMilliseconds(5));
        while (IsLeft("hasty"))
        {
        }

        var began = Environment.TickCount64;
        await Eventually.TrueAsync(() =>
        {
            IsLeft("other");
            return Environment.TickCount64 - began > 50;
        });

        Assert.False(IsLeft("hasty"));
        Assert.Equal(0, limiters.Left("hasty"));

        bool IsLeft(string key) => limiters.TryTake(key, out _);
    }

    [Fact]
    public async Task A_bucket_fills_without_a_clock_of_its_own()
    {
        var limiters = Limiters(perSecond: 100, idle: TimeSpan.FromMinutes(1));
        for (var i = 0; i < 5; i++)
        {
            limiters.TryTake("hasty", out _);
        }

        await Eventually.TrueAsync(() => limiters.Left("hasty") == 5);
    }

    private static KeyedLimiters<string> Limiters(double perSecond, TimeSpan idle) => new(() => new TokenBucket(5, perSecond), idle);
}
