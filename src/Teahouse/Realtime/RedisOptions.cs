using System.Net;
using StackExchange.Redis;
using Teahouse.Web;

namespace Teahouse.Realtime;

/// <summary>How the client library is to connect.</summary>
internal static class RedisOptions
{
    private const int ConnectMilliseconds = 2000;
    private const int KeepAliveSeconds = 5;

    public static ConfigurationOptions For(RedisUrl url) => new()
    {
        EndPoints = { IPAddress.TryParse(url.Host, out var address) ? new IPEndPoint(address, url.Port) : new DnsEndPoint(url.Host, url.Port) },
        Password = url.Password,
        Ssl = url.IsTls,
        SslHost = url.IsTls ? url.Host : null,
        AbortOnConnectFail = false,
        ConnectTimeout = ConnectMilliseconds,
        SyncTimeout = ConnectMilliseconds,
        KeepAlive = KeepAliveSeconds,
        // What can't be said now is lost, and the hole in the beats' numbers shows it; said later it would not.
        BacklogPolicy = BacklogPolicy.FailFast,
        ClientName = "teahouse",
        // A line of the log says what happened; the library's counters are for its own makers.
        IncludeDetailInExceptions = false,
        // What only several Redis servers of one client need.
        TieBreaker = "",
        ConfigurationChannel = "",
    };
}
