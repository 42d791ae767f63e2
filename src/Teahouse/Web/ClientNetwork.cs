using System.Net;
using System.Net.Sockets;

namespace Teahouse.Web;

/// <summary>What counts as one client where clients are known by their addresses: limits, guests, bans. IPv4 whole; IPv6 by its /64, of which one subscriber has all, and would otherwise have
/// 18 quintillion clients' worth of everything.</summary>
public static class ClientNetwork
{
    /// <summary>An address such as <c>203.0.113.7</c>, or a network such as <c>2001:db8::/64</c>; loopback stays whole, and no address at all is one client.</summary>
    public static string Of(IPAddress? address)
    {
        if (address is null)
        {
            return "";
        }
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        if (plain.AddressFamily != AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(plain))
        {
            return plain.ToString();
        }
        var bytes = plain.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return $"{new IPAddress(bytes)}/64";
    }
}
