using System.Diagnostics;
using System.Globalization;
using StackExchange.Redis;
using Teahouse.Realtime;
using Teahouse.Web;

namespace Teahouse.Cli.Doctor;

/// <summary>Redis answers, and hears itself.</summary>
internal static class RedisPing
{
    private const string Name = "redis";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    public static async Task<IReadOnlyList<Finding>> RunAsync(RedisUrl? url, TimeProvider clock)
    {
        if (url is null)
        {
            return [Finding.Off(Name, "REDIS_URL is not set: one node, or nodes that look into the database")];
        }
        var where = string.Create(CultureInfo.InvariantCulture, $"{url.Host}:{url.Port}");
        try
        {
            var options = RedisOptions.For(url);
            options.AbortOnConnectFail = true;
            using var redis = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(Patience);
            var took = await redis.GetDatabase().PingAsync().WaitAsync(Patience);
            var since = Stopwatch.GetTimestamp();
            var before = clock.GetUtcNow();
            var there = await redis.GetServer(redis.GetEndPoints()[0]).TimeAsync().WaitAsync(Patience);
            var ahead = new DateTimeOffset(DateTime.SpecifyKind(there, DateTimeKind.Utc)) - (before + (Stopwatch.GetElapsedTime(since) / 2));
            return [Finding.Ok(Name, string.Create(CultureInfo.InvariantCulture, $"{where} answers in {took.TotalMilliseconds:0.0} ms")), ClockCheck.Against("Redis's", ahead)];
        }
        catch (Exception e) when (e is RedisException or TimeoutException or IOException or System.Net.Sockets.SocketException)
        {
            // The library's own words name each of its inner workings.
            var why = e is TimeoutException ? "no answer" : e.Message.Contains("AUTH", StringComparison.OrdinalIgnoreCase) || e.Message.Contains("NOAUTH", StringComparison.Ordinal) ? "the password is refused" : "it can't be reached";
            return [Finding.Fail(Name, $"REDIS_URL: {where}: {why}")];
        }
    }
}
