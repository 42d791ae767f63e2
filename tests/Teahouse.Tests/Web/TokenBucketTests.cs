using Teahouse.Web;

namespace Teahouse.Tests.Web;

public sealed class TokenBucketTests
{
    [Fact]
    public void What_was_used_elsewhere_is_paid_before_anything_is_given_again()
    {
        // A permit in 1,000 s: nothing comes back while this runs.
        var bucket = new TokenBucket(capacity: 5, perSecond: 0.001);
        for (var i = 0; i < 5; i++)
        {
            Assert.True(bucket.TryTake(out _));
        }

        // Another node has given as many before it heard of these.
        bucket.Owe(5);

        Assert.False(bucket.TryTake(out var wait));
        Assert.InRange(wait.TotalSeconds, 5990, 6000);
        Assert.Equal(0, bucket.Left);
        Assert.False(bucket.IsIdle(TimeSpan.Zero));
    }

    [Fact]
    public void Nobody_is_shut_out_for_good_by_what_others_say_was_used()
    {
        var bucket = new TokenBucket(capacity: 5, perSecond: 1);

        bucket.Owe(int.MaxValue);
        bucket.Owe(-10);

        Assert.False(bucket.TryTake(out var wait));
        Assert.InRange(wait.TotalSeconds, 75, 81);
    }
}
