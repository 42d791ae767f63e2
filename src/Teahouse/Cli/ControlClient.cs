using System.Net.Sockets;

namespace Teahouse.Cli;

/// <summary>The shell's end of the <see cref="ControlSocket"/>.</summary>
internal static class ControlClient
{
    private static readonly Uri Address = new("http://teahouse/");

    /// <summary>Has the running server do it; null when none listens there.</summary>
    /// <exception cref="VerbException">It can't be reached by this user, or does not answer.</exception>
    public static async Task<VerbReply?> TryRunAsync(string socketPath, VerbRequest request, CancellationToken ct)
    {
        try
        {
            return await AskAsync(socketPath, async client =>
            {
                using var response = await client.PostAsJsonAsync(Address, request, ct);
                response.EnsureSuccessStatusCode();
                return await response.Content.ReadFromJsonAsync<VerbReply>(ct);
            });
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

    /// <summary>Where the running server listens; empty when none can be asked.</summary>
    public static async Task<string[]> ListAddressesAsync(string socketPath, CancellationToken ct)
    {
        try
        {
            return await AskAsync(socketPath, client => client.GetFromJsonAsync<string[]>(new Uri(Address, ControlSocket.Listening), ct)) ?? [];
        }
        catch (Exception e) when (e is HttpRequestException or System.Text.Json.JsonException)
        {
            return [];
        }
    }

    /// <summary>True when a process listens there, whoever's it is.</summary>
    public static async Task<bool> IsLiveAsync(string socketPath, CancellationToken ct)
    {
        if (!File.Exists(socketPath) || ControlSocket.FindEndPoint(socketPath) is not { } endPoint)
        {
            return false;
        }
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(endPoint, ct);
            return true;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.AccessDenied;
        }
    }

    private static async Task<T?> AskAsync<T>(string socketPath, Func<HttpClient, Task<T?>> ask) where T : class
    {
        if (!File.Exists(socketPath) || ControlSocket.FindEndPoint(socketPath) is not { } endPoint)
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
                    await socket.ConnectAsync(endPoint, cancel);
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
        return await ask(client);
    }
}
