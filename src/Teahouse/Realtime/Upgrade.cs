using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Teahouse.Realtime.Epoll;
using Teahouse.Web;

namespace Teahouse.Realtime;

/// <summary>The opening handshake (RFC 6455, section 4; RFC 8441 on HTTP/2): checks it and takes the connection from the web server.</summary>
public static class Upgrade
{
    private const string AcceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>Answers a request that cannot become a socket and returns null, else switches protocols and returns what carries its bytes from then on.</summary>
    /// <param name="context">The request.</param>
    /// <param name="settings">For the origins that are allowed besides this host's own.</param>
    /// <param name="time">The clock.</param>
    /// <param name="hasSessionCookie">A browser's ambient identity: such a request must say where it comes from.</param>
    /// <param name="isFull">No socket more is to be opened.</param>
    /// <param name="subprotocol">The one chosen, or null.</param>
    /// <param name="beforeAnswer">Awaited when nothing speaks against the socket: what happens after it counts as happening while the socket is open.</param>
    internal static async Task<IWire?> AcceptAsync(HttpContext context, Settings settings, TimeProvider time, bool hasSessionCookie, bool isFull, string? subprotocol, Func<Task> beforeAnswer)
    {
        var request = context.Request;
        var extended = context.Features.Get<IHttpExtendedConnectFeature>();
        var overHttp2 = extended is { IsExtendedConnect: true, Protocol: "websocket" };
        var upgrade = context.Features.Get<IHttpUpgradeFeature>();
        if (!overHttp2 && (upgrade is not { IsUpgradableRequest: true } || !HttpMethods.IsGet(request.Method)
            || !request.Headers.Upgrade.ToString().Contains("websocket", StringComparison.OrdinalIgnoreCase)))
        {
            context.Response.Headers.Upgrade = "websocket";
            return Refuse(context, StatusCodes.Status426UpgradeRequired);
        }
        if (request.Headers.SecWebSocketVersion != "13")
        {
            context.Response.Headers.SecWebSocketVersion = "13";
            return Refuse(context, StatusCodes.Status426UpgradeRequired);
        }
        var key = request.Headers.SecWebSocketKey.ToString();
        if (!overHttp2 && !IsKey(key))
        {
            return Refuse(context, StatusCodes.Status400BadRequest);
        }
        if (!IsOriginAllowed(request, settings, hasSessionCookie))
        {
            return Refuse(context, StatusCodes.Status403Forbidden);
        }
        if (isFull)
        {
            context.Response.Headers.RetryAfter = "5";
            return Refuse(context, StatusCodes.Status503ServiceUnavailable);
        }
        await beforeAnswer();
        // A socket's own limits hold from here on: the web server's least rates would cut a slow reader off without a word.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }
        if (subprotocol is not null)
        {
            context.Response.Headers.SecWebSocketProtocol = subprotocol;
        }
        if (overHttp2)
        {
            // Not null: overHttp2 says so.
            return Wire(await extended!.AcceptAsync());
        }
        context.Response.Headers.Connection = "Upgrade";
        context.Response.Headers.Upgrade = "websocket";
#pragma warning disable CA5350 // The protocol's own handshake; it protects nothing.
        context.Response.Headers.SecWebSocketAccept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + AcceptSuffix)));
#pragma warning restore CA5350
        if (context.Features.Get<IDetachable>() is { } detachable && await detachable.DetachAsync(SwitchingProtocols(context.Response.Headers)) is { } socket)
        {
            // The web server has nothing to do with it any more.
            context.Abort();
            return new SocketWire(socket);
        }
        if (context.Features.Get<Handover>() is { } handover && await handover.TakeAsync(SwitchingProtocols(context.Response.Headers)) is { } pipes)
        {
            context.Abort();
            return new StreamWire(pipes.Input.AsStream(), pipes.Output.AsStream(), handover.Drop, time, handover.GoOn);
        }
        // Not null: checked above.
        return Wire(await upgrade!.UpgradeAsync());

        StreamWire Wire(Stream stream) => new(stream, stream, context.Abort, time);
    }

    private static byte[] SwitchingProtocols(IHeaderDictionary headers)
    {
        var answer = new StringBuilder("HTTP/1.1 101 Switching Protocols\r\n");
        foreach (var (name, values) in headers)
        {
            foreach (var value in values)
            {
                answer.Append(name).Append(": ").Append(value).Append("\r\n");
            }
        }
        return Encoding.Latin1.GetBytes(answer.Append("\r\n").ToString());
    }

    /// <summary>The origins of this host and of <c>ALLOWED_ORIGINS</c>, compared exactly. Programs send none; a browser always does.</summary>
    private static bool IsOriginAllowed(HttpRequest request, Settings settings, bool hasSessionCookie)
    {
        var origins = request.Headers.Origin;
        if (origins.Count == 0)
        {
            return !hasSessionCookie;
        }
        var origin = origins.Count == 1 ? origins[0] : null;
        return origin is not null
            && (origin == $"{request.Scheme}://{request.Host.Value}" || settings.AllowedOrigins.Contains(origin, StringComparer.Ordinal));
    }

    private static bool IsKey(string key)
    {
        Span<byte> bytes = stackalloc byte[24];
        return key.Length == 24 && Convert.TryFromBase64String(key, bytes, out var length) && length == 16;
    }

    private static IWire? Refuse(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return null;
    }
}
