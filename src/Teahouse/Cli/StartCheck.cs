using System.Net;
using System.Net.Sockets;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Cli;

/// <summary>What a server finds out in the middle of its start is found out before, where it can be said in one line: a directory that can't be made, a port that somebody has, an address of another machine.</summary>
internal static class StartCheck
{
    /// <exception cref="SettingException"><c>DATA_DIR</c> is no directory and can't be made one.</exception>
    public static void MakeDataDirectory(Settings settings)
    {
        if (settings.PostgresConnection is not null && !File.Exists(settings.DataDirectory))
        {
            // Not needed for more than the control socket, without which chat works.
            return;
        }
        try
        {
            PrivateFiles.CreateDirectory(settings.DataDirectory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException("DATA_DIR", settings.DataDirectory, "a directory that this user may make and write to: " + e.Message);
        }
    }

    /// <exception cref="SettingException">One of <c>URLS</c> can't be listened on.</exception>
    public static void TryAddresses(Settings settings)
    {
        foreach (var url in settings.Urls)
        {
            var (addresses, port) = ListenUrls.EndPointsOf(url);
            foreach (var address in addresses.Where(_ => port != 0 || addresses.Count == 1))
            {
                if (WhatIsWrong(new IPEndPoint(address, port)) is { } allowed)
                {
                    throw new SettingException("URLS", url, allowed);
                }
            }
        }
    }

    /// <summary>By binding it for a moment, without listening: nobody can connect meanwhile.</summary>
    private static string? WhatIsWrong(IPEndPoint endPoint)
    {
        try
        {
            using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(endPoint);
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "another program listens there already: stop it, or choose another port",
                SocketError.AddressNotAvailable => "an address of this machine, and it has none such; http://*:PORT is all it has",
                SocketError.AccessDenied => "a port that this user may listen on; those below 1024 are often the administrator's",
                // A machine without IPv6 listens on what it has.
                SocketError.AddressFamilyNotSupported when endPoint.Address.Equals(IPAddress.IPv6Any) => null,
                _ => "can't be listened on: " + e.Message,
            };
        }
    }
}
