using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace Teahouse.Realtime.Epoll;

/// <summary>Reads the system's <c>sockaddr</c>.</summary>
internal static class SocketAddresses
{
    /// <summary>Enough for either family.</summary>
    public const int MaxBytes = 28;

    private const int Inet = 2;
    private const int Inet6 = 10;

    public static IPEndPoint? Read(ReadOnlySpan<byte> address)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return MemoryMarshal.Read<ushort>(address) switch
        {
            Inet => new IPEndPoint(new IPAddress(address.Slice(4, 4)), port),
            Inet6 => new IPEndPoint(new IPAddress(address.Slice(8, 16), MemoryMarshal.Read<uint>(address[24..])), port),
            _ => null,
        };
    }
}
