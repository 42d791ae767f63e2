using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace Teahouse.Web;

/// <summary><c>LIMIT_REQUESTS_PER_SECOND</c>: pages and API, per user or, for others, per address. Static files and sockets are not counted.</summary>
internal static class RequestLimits
{
    public static IServiceCollection AddRequestLimits(this IServiceCollection services, Settings settings) => services.AddRateLimiter(options =>
    {
        options.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context =>
            settings.RequestsPerSecond == 0 || context.Request.Path.StartsWithSegments("/assets") || context.Request.Path.StartsWithSegments("/ws") || Problems.IsBeingExplained(context)
                ? RateLimitPartition.GetNoLimiter("")
                : RateLimitPartition.GetTokenBucketLimiter(KeyOf(context), _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = settings.RequestsPerSecond,
                    TokensPerPeriod = Math.Max(1, settings.RequestsPerSecond / 10),
                    ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
                    QueueLimit = 0,
                    AutoReplenishment = false,
                }));
        options.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        options.OnRejected = async (rejected, _) =>
        {
            var context = rejected.HttpContext;
            context.Response.Headers.RetryAfter = "1";
            if (Problems.IsForPrograms(context))
            {
                await Problems.WriteAsync(context, context.RequestServices.GetRequiredService<Problems>().Describe(null, StatusCodes.Status429TooManyRequests));
            }
        };
    });

    /// <summary>Tells programs how much of the allowance is left (draft-ietf-httpapi-ratelimit-headers), so that they can slow down before they are refused.</summary>
    public static void UseRequestAllowance(this WebApplication app, Settings settings)
    {
        if (settings.RequestsPerSecond == 0)
        {
            return;
        }
        var limiter = app.Services.GetRequiredService<IOptions<RateLimiterOptions>>().Value.GlobalLimiter;
        app.Use((context, next) =>
        {
            if (ProgramPaths.Take(context.Request.Path))
            {
                context.Response.OnStarting(() =>
                {
                    var left = limiter?.GetStatistics(context)?.CurrentAvailablePermits ?? 0;
                    context.Response.Headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"requests\";q={settings.RequestsPerSecond};w=1");
                    context.Response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"requests\";r={left};t=1");
                    return Task.CompletedTask;
                });
            }
            return next(context);
        });
    }

    private static string KeyOf(HttpContext context) => context.Features.Get<Caller>() is { UserId: { } userId }
        ? string.Create(CultureInfo.InvariantCulture, $"u:{userId}")
        : $"a:{context.Connection.RemoteIpAddress}";
}
