using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Threading.Channels;

namespace Teahouse.Bench.AspNet;

/// <summary>Rooms over raw WebSockets the usual way: a message is encoded once, and each connection has a bounded queue and a loop that writes it.</summary>
internal sealed class SocketRooms
{
    private const int MostWaiting = 1000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private readonly ConcurrentDictionary<string, ConcurrentDictionary<Member, bool>> _rooms = new();

    public async Task ServeAsync(HttpContext context, string name)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var room = _rooms.GetOrAdd(name, _ => new ConcurrentDictionary<Member, bool>());
        var member = new Member(socket);
        room[member] = true;
        var writing = member.WriteAsync(context.RequestAborted);
        try
        {
            await ReadAsync(socket, room, context.RequestAborted);
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The client is gone, which is how all of them end.
        }
        room.TryRemove(member, out _);
        member.Waiting.Writer.TryComplete();
        await writing;
    }

    private static async Task ReadAsync(WebSocket socket, ConcurrentDictionary<Member, bool> room, CancellationToken ct)
    {
        var buffer = new byte[4096];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), ct);
            if (received.MessageType == WebSocketMessageType.Close || !received.EndOfMessage)
            {
                return;
            }
            var said = JsonSerializer.Deserialize<Said>(buffer.AsSpan(0, received.Count), Json);
            var bytes = JsonSerializer.SerializeToUtf8Bytes(said, Json);
            foreach (var (member, _) in room)
            {
                if (!member.Waiting.Writer.TryWrite(bytes))
                {
                    member.Socket.Abort();
                }
            }
        }
    }

    private sealed record Said(string Message);

    private sealed class Member(WebSocket socket)
    {
        public WebSocket Socket => socket;

        public Channel<byte[]> Waiting { get; } = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });

        public async Task WriteAsync(CancellationToken ct)
        {
            try
            {
                await foreach (var bytes in Waiting.Reader.ReadAllAsync(ct))
                {
                    await socket.SendAsync(bytes.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, ct);
                }
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException)
            {
                // The reading side sees it too and ends the connection.
            }
        }
    }
}
