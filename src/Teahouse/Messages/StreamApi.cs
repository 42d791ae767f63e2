using System.ComponentModel;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Mvc;
using Teahouse.Accounts;
using Teahouse.Realtime;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary><c>/api/v1/rooms/{room}/stream</c>: what happens in a room as server-sent events, exact like a socket.</summary>
internal static class StreamApi
{
    private static readonly TimeSpan ComeBack = TimeSpan.FromSeconds(5);

    public static void Map(RouteGroupBuilder rooms)
    {
        rooms.MapGet("/{room}/stream", StreamAsync).WithName("streamRoom").WithSummary("Follow a room")
            .WithDescription("""
                Server-sent events. The first is `subscribed`; `message` brings a message, new or changed, with its `rev` as the event's id. With `Last-Event-ID` (or `after`) everything that changed
                since that `rev` comes first, each message once, as it is now. `subscribed` with `reset: true`: that `rev` is not of this history; forget what you have and read the messages anew.
                The other events are those of the socket protocol: `read`, `typing`, `presence`, `room`, `heartbeat`, `drain`; `close` says with its `code` why the stream ends.
                """)
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream").Refuses(Refusal.BadRoom, Refusal.NoSuchRoom, Refusal.BadFrame, Refusal.TooManyStreams, Refusal.Busy);
    }

    private static async Task StreamAsync(
        HttpContext context,
        string room,
        SocketServices services,
        ConnectionRegistry registry,
        [FromHeader(Name = "Last-Event-ID"), Description("The last event's id: what changed since then comes first. Browsers send it by themselves.")] string? lastEventId,
        [Description("As `Last-Event-ID`, which goes before it, for clients that cannot set headers.")] long? after,
        [Description("The history that the `rev` is of, from `subscribed`.")] string? epoch,
        CancellationToken ct)
    {
        var caller = context.GetCaller();
        var from = LastEventId(lastEventId) ?? after;
        var pass = await services.Access.FindAsync(caller, room, ct);
        if (!registry.TryReserve())
        {
            throw new RefusedException(Refusal.Busy) { RetryAfter = ComeBack };
        }
        var wire = new EventStreamWire(context);
        var connection = new Connection(registry.NextId(), caller, context.Connection.RemoteIpAddress ?? IPAddress.None, plain: false, wire, services.Settings, services.Time,
            services.Feeds.End);
        wire.Attach(connection);
        try
        {
            if (!registry.Add(connection))
            {
                throw new RefusedException(Refusal.TooManyStreams) { RetryAfter = ComeBack };
            }
            // Revoked after the request was recognised, but before the stream was registered: nothing has closed it.
            if (!await services.Sessions.IsLiveAsync(caller, ct))
            {
                throw new RefusedException(Refusal.BadToken);
            }
            if (registry.IsDraining)
            {
                throw new RefusedException(Refusal.Busy) { RetryAfter = ComeBack };
            }
            await wire.BeginAsync();
            await services.Feeds.JoinFromAsync(connection, pass, from, epoch);
        }
        catch (RefusedException e) when (context.Response.HasStarted)
        {
            connection.Close(e.Refusal == Refusal.Busy ? CloseCode.Restart : CloseCode.NotAllowed);
        }
        catch
        {
            connection.End();
            throw;
        }
        await wire.RunAsync(_ => ValueTask.FromResult(Task.CompletedTask));
    }

    private static long? LastEventId(string? text) => text switch
    {
        null or "" => null,
        _ when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var rev) => rev,
        _ => throw new RefusedException(Refusal.BadFrame) { Field = "Last-Event-ID" },
    };
}
