using System.Net;
using System.Net.Sockets;

namespace Teahouse.Sinks.Webhooks;

/// <summary>Which addresses lie in the public Internet, by IANA's registries of special-purpose addresses. Everything else is this machine, its neighbours, or a way around to them.</summary>
internal static class PublicAddress
{
    /// <summary>Private, loopback, link-local with the clouds' metadata, shared (CGNAT), documentation, tests, multicast, reserved.</summary>
    private static readonly IPNetwork[] SpecialV4 = Parse(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4");

    /// <summary>The only part of IPv6 that is given out. Loopback, unique-local, link-local, multicast, mapped, compatible and NAT64 addresses lie outside.</summary>
    private static readonly IPNetwork GlobalV6 = IPNetwork.Parse("2000::/3");

    /// <summary>Protocol assignments with Teredo, documentation, 6to4: of these too, some hold an IPv4 address.</summary>
    private static readonly IPNetwork[] SpecialV6 = Parse("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20");

    /// <summary>The neighbourhood of the wire itself, where clouds answer with their machines' credentials: never meant by who allows private addresses altogether.</summary>
    private static readonly IPNetwork[] Metadata = Parse("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "100.100.100.200/32");

    public static bool Is(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !Holds(SpecialV4, address),
        // The library compares a mapped address by its inner one, whatever it is asked for.
        AddressFamily.InterNetworkV6 => !address.IsIPv4MappedToIPv6 && address.ScopeId == 0 && GlobalV6.Contains(address) && !Holds(SpecialV6, address),
        _ => false,
    };

    /// <summary>An address of one's own network, or this machine's: loopback, private, shared, unique-local.</summary>
    public static bool IsPrivate(IPAddress address) =>
        !Is(address) && !Holds(Metadata, address) && !address.IsIPv6Multicast && !address.IsIPv4MappedToIPv6 && (address.AddressFamily == AddressFamily.InterNetwork
            ? Holds(PrivateV4, address)
            : Holds(PrivateV6, address));

    private static readonly IPNetwork[] PrivateV4 = Parse("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16");

    private static readonly IPNetwork[] PrivateV6 = Parse("::1/128", "fc00::/7");

    private static bool Holds(IPNetwork[] networks, IPAddress address) => Array.Exists(networks, network => network.Contains(address));

    private static IPNetwork[] Parse(params string[] networks) => Array.ConvertAll(networks, IPNetwork.Parse);
}
