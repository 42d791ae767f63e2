using System.Globalization;
using Microsoft.AspNetCore.RateLimiting;

namespace Teahouse.Web;

/// <summary><c>LIMIT_REQUESTS_PER_SECOND</c>: pages and API, per user or, for others, per address. Static files, sockets and probes are not counted. Thread-safe.</summary>
internal sealed class RequestLimits(Settings settings, Problems problems)
{
    private readonly KeyedLimiters<string>? _limiters = settings.RequestsPerSecond == 0 ? null
        : new(() => new TokenBucket(settings.RequestsPerSecond, settings.RequestsPerSecond), TimeSpan.FromSeconds(10));

    public Task PassAsync(HttpContext context, RequestDelegate next)
    {
        if (_limiters is null)
        {
            return next(context);
        }
        if (ProgramPaths.Take(context.Request.Path))
        {
            context.Response.OnStarting(() =>
            {
                TellAllowance(context, _limiters);
                return Task.CompletedTask;
            });
        }
        if (!IsCounted(context))
        {
            return next(context);
        }
        // What a bucket has given is not given back.
        return _limiters.TryTake(KeyOf(context), out _) ? next(context) : RefuseAsync(context);
    }

    /// <summary>Tells programs how much of the allowance is left (draft-ietf-httpapi-ratelimit-headers), so that they can slow down before they are refused.</summary>
    private void TellAllowance(HttpContext context, KeyedLimiters<string> limiters)
    {
        context.Response.Headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"requests\";q={settings.RequestsPerSecond};w=1");
        context.Response.Headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"requests\";r={limiters.Left(KeyOf(context))};t=1");
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
        : "a:" + ClientNetwork.Of(context.Connection.RemoteIpAddress);
}
