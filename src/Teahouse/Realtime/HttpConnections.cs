using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Teahouse.Web;

namespace Teahouse.Realtime;

/// <summary>The web server's middleware: one address holds no more connections that speak HTTP, or nothing yet, than would be of use to it. Sockets have limits of their own. Proxies, behind which
/// everybody has the same address, see to that themselves. Thread-safe.</summary>
internal sealed class HttpConnections(Settings settings)
{
    /// <summary>Connections for each socket an address may have: a browser opens up to six beside one.</summary>
    private const int PerSocket = 4;

    private readonly ConcurrentDictionary<string, int> _counts = new();

    /// <summary>The most of one address; 0 for no limit.</summary>
    internal int Max => settings.SocketsPerAddress * PerSocket;

    public ConnectionDelegate Before(ConnectionDelegate http) => connection =>
        Max > 0 && connection.RemoteEndPoint is IPEndPoint { Address: var address } && !IsTrusted(address) ? ServeAsync(http, connection, ClientNetwork.Of(address)) : http(connection);

    private async Task ServeAsync(ConnectionDelegate http, ConnectionContext connection, string network)
    {
        try
        {
            if (_counts.AddOrUpdate(network, 1, static (_, count) => count + 1) > Max)
            {
                connection.Abort();
                return;
            }
            await http(connection);
        }
        finally
        {
            if (_counts.AddOrUpdate(network, 0, static (_, count) => count - 1) == 0)
            {
                _counts.TryRemove(new KeyValuePair<string, int>(network, 0));
            }
        }
    }

    private bool IsTrusted(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return settings.TrustedProxies.Any(network => network.Contains(plain));
    }
}
