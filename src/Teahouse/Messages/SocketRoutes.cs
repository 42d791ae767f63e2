using System.Net;
using Teahouse.Accounts;
using Teahouse.Realtime;
using Teahouse.Rooms;

namespace Teahouse.Messages;

/// <summary>The doors <c>/ws/chat/&lt;room&gt;/</c> and <c>/ws/</c>: handshake, limits, choice of protocol.</summary>
internal sealed partial class SocketRoutes(SocketServices services, ConnectionRegistry registry)
{
    private const string V1 = "teahouse.v1";

    public static void Map(IEndpointRouteBuilder app)
    {
        // Not MapGet: over HTTP/2 a socket begins with CONNECT.
        app.Map("/ws/chat/{room}", (HttpContext context, string room, SocketRoutes routes) => routes.OpenAsync(context, room)).ExcludeFromDescription();
        app.Map("/ws", (HttpContext context, SocketRoutes routes) => routes.OpenAsync(context, room: null)).ExcludeFromDescription();
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
        // Before the answer: a client that knows no history gets everything that is said once it is connected, however long the joining takes.
        Task<RoomPass>? entering = null;
        if (await AcceptAsync(context, caller, offersV1, EnterAsync) is not { } wire)
        {
            return;
        }
        var connection = new Connection(registry.NextId(), caller, context.Connection.RemoteIpAddress ?? IPAddress.None, !offersV1, wire, services.Settings, services.Time, services.Feeds.End);
        connection.Failed = error => LogFailed(services.Log, error);
        wire.Attach(connection);
        HandleText handle;
        try
        {
            handle = !registry.Add(connection) ? Turn(connection, CloseCode.TooManyConnections)
                // The stop that began while it was opening has not seen it.
                : registry.IsDraining ? Turn(connection, CloseCode.Restart)
                : await BeginAsync(connection, entering);
        }
        catch
        {
            connection.Abort();
            connection.End();
            throw;
        }
        await wire.RunAsync(handle);

        async Task EnterAsync()
        {
            if (room is not null)
            {
                entering = services.Access.EnterAsync(caller, room, context.RequestAborted);
                // Whatever it is, the socket is told once it is one.
                await ((Task)entering).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<IWire?> AcceptAsync(HttpContext context, Caller caller, bool offersV1, Func<Task> beforeAnswer)
    {
        var hasPlace = registry.TryReserve();
        IWire? wire = null;
        try
        {
            wire = await Upgrade.AcceptAsync(context, services.Settings, services.Time, caller.SessionId is not null, !hasPlace, offersV1 ? V1 : null, beforeAnswer);
        }
        catch (IOException)
        {
            // The peer has gone before the answer: nobody's fault, and nobody to answer.
            context.Abort();
        }
        finally
        {
            if (hasPlace && wire is null)
            {
                registry.Release();
            }
        }
        return wire;
    }

    /// <summary>Joins what the path asks for. A socket that may not be here is accepted all the same and then closed, so that a browser sees why.</summary>
    private async Task<HandleText> BeginAsync(Connection connection, Task<RoomPass>? entering)
    {
        try
        {
            // A sign-out that came after the request was recognised, but before the socket was registered, has closed nothing.
            if (!await services.Sessions.IsLiveAsync(connection.Caller, connection.Ended))
            {
                return Turn(connection, CloseCode.SessionEnded);
            }
            var pass = entering is null ? null : await entering;
            if (pass is not null && connection.IsPlain)
            {
                await services.Feeds.JoinLiveAsync(connection, pass);
                return new PlainProtocol(connection, pass, services).HandleAsync;
            }
            var protocol = new V1Protocol(connection, services);
            await protocol.BeginAsync(pass);
            return protocol.HandleAsync;
        }
        catch (RefusedException e)
        {
            // A database that is away is no reason to stay away.
            return Turn(connection, e.Refusal == Refusal.Busy ? CloseCode.Restart : CloseCode.NotAllowed);
        }
    }

    private static HandleText Turn(Connection connection, CloseCode code)
    {
        connection.Close(code);
        return _ => ValueTask.FromResult(Task.CompletedTask);
    }

    [LoggerMessage(Level = LogLevel.Error, EventName = "socket_failed", Message = "A socket is closed: a mistake of the server's in what came from it or was to go there")]
    private static partial void LogFailed(ILogger logger, Exception e);
}
