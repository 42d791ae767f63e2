using System.Net;
using System.Net.Sockets;

namespace Teahouse.Accounts;

/// <summary>From where somebody signed in, as roughly as it tells them anything: the first half of an IPv4 address, or the first 48 bits of an IPv6 one. For the list of one's own sessions, never a decision.</summary>
internal static class NetworkName
{
    public static string? Of(IPAddress? address)
    {
        if (address is null)
        {
            return null;
        }
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var bytes = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{bytes[0]}.{bytes[1]}.*.*");
        }
        Array.Clear(bytes, 6, bytes.Length - 6);
        return new IPAddress(bytes) + "/48";
    }
}
