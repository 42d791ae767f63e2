using System.Net;
using System.Net.Sockets;
using Teahouse.Web;

namespace Teahouse.Sinks.Webhooks;

/// <summary>Connects to receivers of webhooks, and only to those this server may talk to. Whoever registers a webhook chooses where this machine connects to, so a name is resolved once and the
/// connection goes to that very address: a name server that answers differently the next time gains nothing. Thread-safe.</summary>
internal sealed class WebhookAddresses(Settings settings)
{
    /// <summary>Of a name with very many addresses, as many as this are tried.</summary>
    private const int MaxTries = 4;

    /// <summary>Whether this server may connect there.</summary>
    public bool Allows(IPAddress address) =>
        PublicAddress.Is(address)
        || (settings.PrivateWebhooks.IsOn && PublicAddress.IsPrivate(address))
        || (!address.IsIPv4MappedToIPv6 && settings.PrivateWebhooks.Networks.Any(network => network.Contains(address)));

    /// <summary>False for a host that is an address nobody may be sent to; what a name leads to is known only when it is connected to.</summary>
    public bool MayAllow(Uri url) => !IPAddress.TryParse(url.IdnHost.Trim('[', ']'), out var address) || Allows(address);

    /// <exception cref="AddressRefusedException">The host leads only to addresses that are refused.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var found = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, ct);
        var allowed = found.Where(Allows).Take(MaxTries).ToList();
        if (allowed.Count == 0)
        {
            throw new AddressRefusedException();
        }
        Exception? last = null;
        foreach (var address in allowed)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), ct);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception e)
            {
                socket.Dispose();
                if (e is not SocketException)
                {
                    throw;
                }
                last = e;
            }
        }
        // Not null: something was tried.
        throw last!;
    }
}

/// <summary>The receiver's address is not one that webhooks may be sent to.</summary>
internal sealed class AddressRefusedException : Exception;
