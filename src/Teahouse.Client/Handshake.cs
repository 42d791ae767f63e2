using System.Globalization;
using System.Net;
using System.Net.WebSockets;

namespace Teahouse.Client;

/// <summary>The server cannot take a connection now and said when to come again.</summary>
internal sealed class RetryLaterException(HttpStatusCode? status, TimeSpan? retryAfter, Exception cause)
    : Exception(status is null or 0 ? cause.Message : $"The server answered {(int)status}.", cause)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>Opens connections with the identity of the options.</summary>
internal sealed class Handshake(TeahouseClientOptions options) : IDisposable
{
    private readonly HttpMessageInvoker? _own = options.Http is null ? new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) : null;
    private string? _cookie = options.Cookie;

    // Not null: exactly one of the two is set.
    private HttpMessageInvoker Http => options.Http ?? _own!;

    /// <exception cref="TeahouseException">Refused for good.</exception>
    /// <exception cref="RetryLaterException">Refused for now, or nobody is there.</exception>
    public async Task<Link> OpenAsync(CancellationToken ct)
    {
        if (options.Nickname is { } nickname)
        {
            _cookie ??= await TakeGuestPassAsync(nickname, ct);
        }
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.AddSubProtocol(Link.Subprotocol);
            socket.Options.CollectHttpResponseDetails = true;
            // The server asks for signs of life; its silence is noticed by its missing heartbeat.
            socket.Options.KeepAliveInterval = TimeSpan.Zero;
            if (options.Token is { } token)
            {
                socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
            }
            if (_cookie is { } cookie)
            {
                socket.Options.SetRequestHeader("Cookie", cookie);
                socket.Options.SetRequestHeader("Origin", Origin(options.Server));
            }
            await socket.ConnectAsync(new UriBuilder(options.At("ws/")) { Scheme = options.Server.Scheme == "https" ? "wss" : "ws" }.Uri, Http, ct);
            return socket.SubProtocol == Link.Subprotocol ? new Link(socket) : throw new TeahouseException(ErrorCodes.HandshakeRefused, $"The server does not speak {Link.Subprotocol}.");
        }
        catch (WebSocketException e)
        {
            var status = socket.HttpStatusCode;
            var seconds = socket.HttpResponseHeaders is { } headers && headers.TryGetValue("Retry-After", out var values) ? values.FirstOrDefault() : null;
            socket.Dispose();
            throw Judge(status, seconds, e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public void Dispose() => _own?.Dispose();

    /// <summary>Takes a nickname as the lobby's page does, and returns the cookies that came with it.</summary>
    private async Task<string> TakeGuestPassAsync(string nickname, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, options.At($"chat/lobby/?username={Uri.EscapeDataString(nickname)}"));
        HttpResponseMessage response;
        try
        {
            response = await Http.SendAsync(request, ct);
        }
        catch (HttpRequestException e)
        {
            throw new RetryLaterException(null, null, e);
        }
        using (response)
        {
            string[] cookies = response.Headers.TryGetValues("Set-Cookie", out var values) ? [.. values.Select(value => value.Split(';')[0])] : [];
            if (cookies.Any(cookie => cookie.Contains("teahouse_guest=", StringComparison.Ordinal)))
            {
                return string.Join("; ", cookies);
            }
            // Refused names are sent back to the lobby.
            throw response.StatusCode == HttpStatusCode.SeeOther
                ? new TeahouseException(ErrorCodes.BadNickname, "The server does not let a guest have this name.")
                : Judge(response.StatusCode, response.Headers.RetryAfter?.ToString(), new HttpRequestException("No guest pass was given.", null, response.StatusCode));
        }
    }

    /// <summary>Errors of the request will be errors again; everything else may be better later.</summary>
    private static Exception Judge(HttpStatusCode status, string? retryAfter, Exception cause) =>
        (int)status is >= 400 and < 500 and not 408 and not 425 and not 429
            ? new TeahouseException(ErrorCodes.HandshakeRefused, $"The server answered {(int)status}.", cause)
            : new RetryLaterException(status, double.TryParse(retryAfter, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null, cause);

    private static string Origin(Uri server) =>
        $"{server.Scheme}://{(server.HostNameType == UriHostNameType.Dns ? server.IdnHost : server.Host)}{(server.IsDefaultPort ? "" : $":{server.Port}")}";
}
