using System.Threading.RateLimiting;

namespace Teahouse.Messages;

/// <summary>A token bucket that is filled at the moment it is asked. Left to the partitions' own timer it would fill ten times a second, and a small burst would
/// hold less than the rate brings in between.</summary>
internal sealed class PromptLimiter(int perSecond, int burst) : RateLimiter
{
    private readonly TokenBucketRateLimiter _bucket = new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = Math.Max(burst, 1),
        TokensPerPeriod = Math.Max(1, perSecond / 100),
        ReplenishmentPeriod = TimeSpan.FromSeconds(Math.Max(1, perSecond / 100) / (double)perSecond),
        QueueLimit = 0,
        AutoReplenishment = false,
    });

    /// <summary>How long the bucket has been full. Filled for the asking too: nobody else would, and an author who left would be remembered for ever.</summary>
    public override TimeSpan? IdleDuration
    {
        get
        {
            _bucket.TryReplenish();
            return _bucket.IdleDuration;
        }
    }

    public override RateLimiterStatistics? GetStatistics() => _bucket.GetStatistics();

    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        _bucket.TryReplenish();
        return _bucket.AttemptAcquire(permitCount);
    }

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) => ValueTask.FromResult(AttemptAcquireCore(permitCount));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _bucket.Dispose();
        }
        base.Dispose(disposing);
    }
}
