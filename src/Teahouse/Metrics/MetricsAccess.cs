using System.Net;
using Teahouse.Web;

namespace Teahouse.Metrics;

/// <summary>Which collectors need no token: those in <c>METRICS_ALLOW</c>, with no proxy between. Thread-safe.</summary>
internal sealed class MetricsAccess(Settings settings)
{
    private static readonly string[] MarksOfProxies = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"];

    /// <summary>To be asked before anybody believes a proxy: the address must be the connection's own.</summary>
    public bool Allows(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address || Array.Exists(MarksOfProxies, context.Request.Headers.ContainsKey))
        {
            return false;
        }
        // By name only under a name of this site: a stranger's page could have its own name lead here.
        var host = context.Request.Host.Host.Trim('[', ']');
        var isOurs = IPAddress.TryParse(host, out _) || settings.AllowedHosts.Contains("*") || settings.AllowedHosts.Contains(host, StringComparer.OrdinalIgnoreCase);
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return isOurs && settings.MetricsNetworks.Any(network => network.Contains(address));
    }
}
