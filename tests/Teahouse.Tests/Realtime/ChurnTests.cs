using System.Text;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Realtime;

/// <summary>Promise 5: clients that come and go for ever, in every way there is, leave nothing behind.</summary>
[Trait("Speed", "Slow")]
public sealed class ChurnTests
{
    private const int Waves = 50;
    private const int PerWave = 400;
    private const int Places = 600;

    [Fact]
    public async Task After_20000_connections_sockets_memory_and_places_are_where_they_were()
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        await using (var program = await ProgramProcess.ServeAsync(directory, [.. SharedServer.NoLimits, ("LIMIT_SOCKETS_PER_ADDRESS", $"{Places}"), ("LIMIT_SOCKETS", $"{Places}")]))
        {
            var sockets = program.CountSockets();
            for (var wave = 0; wave < 10; wave++)
            {
                await ComeAndGoAsync(program);
            }
            await Eventually.TrueAsync(() => program.CountSockets() <= sockets, () => $"{program.CountSockets()} sockets open after the warm-up, {sockets} at the start");
            var resident = program.ResidentBytes();

            for (var wave = 0; wave < Waves; wave++)
            {
                await ComeAndGoAsync(program);
            }

            await Eventually.TrueAsync(() => program.CountSockets() <= sockets, () => $"{program.CountSockets()} sockets open, {sockets} at the start");
            // 2 KB each would be 40 MB.
            var grown = program.ResidentBytes() - resident;
            Assert.True(grown < 40_000_000, $"{grown / 1_000_000} MB more than before");
            // Every place, and not one more, can be taken again.
            var all = await Task.WhenAll(Enumerable.Range(0, Places).Select(i => RawSocket.ConnectAsync(program.Address, $"/ws/chat/r{i % 10}/")));
            foreach (var socket in all)
            {
                await socket.SendAsync(RawSocket.Frame(9, []));
                Assert.Equal(10, (await socket.ReceiveAsync())?.Opcode);
            }
            await using var tooMany = await RawSocket.ConnectAsync(program.Address, "/ws/chat/r/");
            Assert.StartsWith("HTTP/1.1 503", tooMany.Answer, StringComparison.Ordinal);
            Array.ForEach(all, socket => socket.Reset());
            // None of all that was worth a person's attention.
            Assert.DoesNotContain(program.Output.Split('\n'), line => line.Contains(" fail: ", StringComparison.Ordinal));
        }
        Directory.Delete(directory, recursive: true);
    }

    private static Task ComeAndGoAsync(ProgramProcess program) => Task.WhenAll(Enumerable.Range(0, PerWave).Select(i => (i % 5) switch
    {
        0 => HangUpAsync(program.Address, i),
        1 => CloseAsync(program.Address, i),
        2 => TalkAndCloseAsync(program.Address, i),
        3 => AbandonAsync(program.Address, RawSocket.Handshake(program.Address, "/ws/chat/r/")[..(40 + (i % 100))]),
        _ => AbandonAsync(program.Address, RawSocket.Handshake(program.Address, "/ws/chat/r/")),
    }));

    private static async Task HangUpAsync(Uri server, int number)
    {
        var socket = await RawSocket.ConnectAsync(server, $"/ws/chat/r{number % 10}/");
        socket.Reset();
    }

    private static async Task CloseAsync(Uri server, int number)
    {
        await using var socket = await RawSocket.ConnectAsync(server, $"/ws/chat/r{number % 10}/", null, "Sec-WebSocket-Protocol: teahouse.v1");
        await socket.SendAsync(RawSocket.Frame(8, [3, 0xE8]));
        Assert.Equal(1000, await socket.ReceiveCloseAsync());
        socket.Reset();
    }

    private static async Task TalkAndCloseAsync(Uri server, int number)
    {
        await using var socket = await RawSocket.ConnectAsync(server, $"/ws/chat/alone-{number}/");
        await socket.SendAsync(RawSocket.Frame(1, Encoding.UTF8.GetBytes($"{{\"message\":\"from {number}\",\"username\":\"visitor{number}\"}}")));
        Assert.Contains($"from {number}", (await socket.ReceiveTextAsync()).Text, StringComparison.Ordinal);
        await socket.SendAsync(RawSocket.Frame(8, []));
        Assert.Equal(1005, await socket.ReceiveCloseAsync());
        socket.Reset();
    }

    /// <summary>Sends part or all of the request, and is gone before the answer.</summary>
    private static async Task AbandonAsync(Uri server, byte[] request)
    {
        var socket = await RawSocket.DialAsync(server);
        await socket.SendAsync(request);
        socket.Reset();
    }
}
