using System.Net;
using Teahouse.Accounts;
using Teahouse.Realtime;

namespace Teahouse.Messages;

/// <summary>The doors <c>/ws/chat/&lt;room&gt;/</c> and <c>/ws/</c>: handshake, limits, choice of protocol.</summary>
internal sealed class SocketRoutes(SocketServices services, ConnectionRegistry registry)
{
    private const string V1 = "teahouse.v1";

    public static void Map(IEndpointRouteBuilder app)
    {
        // Not MapGet: over HTTP/2 a socket begins with CONNECT.
        app.Map("/ws/chat/{room}", (HttpContext context, string room, SocketRoutes routes) => routes.OpenAsync(context, room));
        app.Map("/ws", (HttpContext context, SocketRoutes routes) => routes.OpenAsync(context, room: null));
    }

    private async Task OpenAsync(HttpContext context, string? room)
    {
        var offersV1 = context.Request.Headers.GetCommaSeparatedValues("Sec-WebSocket-Protocol").Contains(V1, StringComparer.Ordinal);
        if (room is null && !offersV1)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }
        var caller = context.GetCaller();
        var stream = await Upgrade.AcceptAsync(context, services.Settings, caller.SessionId is not null, registry.IsFull, offersV1 ? V1 : null);
        if (stream is null)
        {
            return;
        }
        await using (stream)
        {
            using var connection = new Connection(registry.NextId(), caller, context.Connection.RemoteIpAddress ?? IPAddress.None, !offersV1, stream, registry,
                services.Settings, services.Time, context.Abort);
            try
            {
                await connection.RunAsync(registry.Add(connection)
                    ? await BeginAsync(connection, room)
                    : Turn(connection, CloseCode.TooManyConnections));
            }
            finally
            {
                services.Feeds.LeaveAll(connection);
                registry.Remove(connection);
            }
        }
    }

    /// <summary>Joins what the path asks for. A socket that may not be here is accepted all the same and then closed, so that a browser sees why.</summary>
    private async Task<HandleText> BeginAsync(Connection connection, string? room)
    {
        // A sign-out that came after the request was recognised, but before the socket was registered, has closed nothing.
        if (connection.Caller.SessionId is { } sessionId && !await services.Sessions.IsLiveAsync(sessionId, connection.Ended))
        {
            return Turn(connection, CloseCode.SessionEnded);
        }
        try
        {
            var pass = room is null ? null : await services.Access.EnterAsync(connection.Caller, room, connection.Ended);
            if (pass is not null && connection.IsPlain)
            {
                await services.Feeds.JoinLiveAsync(connection, pass);
                return new PlainProtocol(connection, pass, services).HandleAsync;
            }
            var protocol = new V1Protocol(connection, services);
            await protocol.BeginAsync(pass);
            return protocol.HandleAsync;
        }
        catch (RefusedException)
        {
            return Turn(connection, CloseCode.NotAllowed);
        }
    }

    private static HandleText Turn(Connection connection, CloseCode code)
    {
        connection.Close(code);
        return _ => ValueTask.FromResult(Task.CompletedTask);
    }
}
