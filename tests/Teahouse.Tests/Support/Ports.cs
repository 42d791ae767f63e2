using System.Net;
using System.Net.Sockets;

namespace Teahouse.Tests.Support;

/// <summary>Ports on loopback for what the tests start.</summary>
public static class Ports
{
    /// <summary>One that nobody uses at this moment.</summary>
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
