using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;

namespace Teahouse.Web;

/// <summary><c>LIMIT_REQUESTS_PER_SECOND</c>: pages and API, per user or, for others, per address. Static files, sockets and probes are not counted. The framework's middleware keeps two limiters
/// for this, one of them empty, and each wakes ten times a second for ever. Thread-safe.</summary>
internal sealed class RequestLimits(Settings settings, Problems problems) : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext>? _limiter = settings.RequestsPerSecond == 0 ? null
        : PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetTokenBucketLimiter(KeyOf(context), _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = settings.RequestsPerSecond,
            TokensPerPeriod = Math.Max(1, settings.RequestsPerSecond / 10),
            ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
            QueueLimit = 0,
            AutoReplenishment = false,
        }));

    public Task PassAsync(HttpContext context, RequestDelegate next)
    {
        if (_limiter is null)
        {
            return next(context);
        }
        if (ProgramPaths.Take(context.Request.Path))
        {
            context.Response.OnStarting(() =>
            {
                TellAllowance(context, _limiter);
                return Task.CompletedTask;
            });
        }
        if (!IsCounted(context))
        {
            return next(context);
        }
        // What a bucket has given is not given back.
        using var lease = _limiter.AttemptAcquire(context);
        return lease.IsAcquired ? next(context) : RefuseAsync(context);
    }

    public void Dispose() => _limiter?.Dispose();

    /// <summary>Tells programs how much of the allowance is left (draft-ietf-httpapi-ratelimit-headers), so that they can slow down before they are refused.</summary>
    private void TellAllowance(HttpContext context, PartitionedRateLimiter<HttpContext> limiter)
    {
        var left = limiter.GetStatistics(context)?.CurrentAvailablePermits ?? 0;
        context.Response.Headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"requests\";q={settings.RequestsPerSecond};w=1");
        context.Response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"requests\";r={left};t=1");
    }

    private Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = "1";
        return Problems.IsForPrograms(context) ? Problems.WriteAsync(context, problems.Describe(null, StatusCodes.Status429TooManyRequests)) : Task.CompletedTask;
    }

    private static bool IsCounted(HttpContext context) =>
        !context.Request.Path.StartsWithSegments("/assets") && !context.Request.Path.StartsWithSegments("/ws") && !Problems.IsBeingExplained(context)
        && context.GetEndpoint()?.Metadata.GetMetadata<DisableRateLimitingAttribute>() is null;

    private static string KeyOf(HttpContext context) => context.Features.Get<Caller>() is { UserId: { } userId }
        ? string.Create(CultureInfo.InvariantCulture, $"u:{userId}")
        : $"a:{context.Connection.RemoteIpAddress}";
}
