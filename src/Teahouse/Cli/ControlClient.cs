using System.Net.Sockets;

namespace Teahouse.Cli;

/// <summary>The shell's end of the <see cref="ControlSocket"/>.</summary>
internal static class ControlClient
{
    /// <summary>Has the running server do it; null when none listens there.</summary>
    public static async Task<VerbReply?> TryRunAsync(string socketPath, VerbRequest request, CancellationToken ct)
    {
        if (!File.Exists(socketPath))
        {
            return null;
        }
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancel);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        // An import may take long; a server that dies closes the socket.
        using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        try
        {
            using var response = await client.PostAsJsonAsync(new Uri("http://teahouse/"), request, ct);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadFromJsonAsync<VerbReply>(ct);
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.AccessDenied })
        {
            throw new VerbException($"{socketPath} belongs to another user. Run this as the user the server runs as.");
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConnectionError)
        {
            // Left by a process that was killed.
            return null;
        }
        catch (HttpRequestException)
        {
            throw new VerbException("The running server did not answer; look at its log.");
        }
    }
}
