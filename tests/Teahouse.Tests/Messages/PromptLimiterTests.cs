using Teahouse.Messages;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

[Trait("Transport", "Any")]
public sealed class PromptLimiterTests
{
    [Fact]
    public async Task Who_has_not_spoken_for_a_while_can_be_forgotten()
    {
        using var limiter = new PromptLimiter(perSecond: 1000, burst: 5);
        using var lease = limiter.AttemptAcquire(5);
        Assert.True(lease.IsAcquired);

        // Idle is what partitions are dropped by; nobody else fills this bucket.
        await Eventually.TrueAsync(() => limiter.IdleDuration > TimeSpan.Zero);
    }

    [Fact]
    public void Who_has_just_spoken_is_not_forgotten()
    {
        using var limiter = new PromptLimiter(perSecond: 1, burst: 5);

        limiter.AttemptAcquire().Dispose();

        Assert.Null(limiter.IdleDuration);
    }
}
