using System.Diagnostics;
using System.Globalization;
using Teahouse.Realtime;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Realtime;

/// <summary>Promise 5: readers that take nothing, in a busy room, beside one that does.</summary>
[Trait("Speed", "Slow")]
public sealed class StalledReadersTests
{
    private const int Stalled = 20;

    // Three bytes each on the wire: the largest message there is fills what the system buffers soonest.
    private static readonly string Text = new('茶', 7900);

    [Fact]
    public async Task Twenty_stalled_readers_slow_nobody_hold_little_and_are_told_4408()
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        await using (var program = await ProgramProcess.ServeAsync(directory, [.. SharedServer.NoLimits, ("SOCKET_HEARTBEAT_SECONDS", "0.2")]))
        {
            await using var quick = await SocketClient.ConnectAsync(program.Address, "/ws/chat/busy/", SocketClient.V1);
            await quick.ReceiveAsync("subscribed");
            await MeasureAsync(quick, "warm", 200);
            var normal = await MeasureAsync(quick, "normal", 500);
            var residentBefore = program.ResidentBytes();
            List<RawSocket> stalled = [];
            for (var i = 0; i < Stalled; i++)
            {
                stalled.Add(await RawSocket.ConnectAsync(program.Address, "/ws/chat/busy/", receiveBuffer: 4096));
            }

            // 24 KB each: what the system buffers for a socket is full after a hundred or two, a mebibyte more after another fifty.
            var beside = await MeasureAsync(quick, "beside", 800);
            var grown = program.ResidentBytes() - residentBefore;
            // Rounds of the server's care have passed since.
            await quick.ReceiveAsync("heartbeat");
            await quick.ReceiveAsync("heartbeat");

            // A server that waits for them would need seconds; four times the normal is promised, and a busy machine has hiccups of its own.
            Assert.True(beside < (4 * normal) + TimeSpan.FromMilliseconds(100), $"p99 {beside} beside stalled readers, {normal} without");
            // A queue for each would be 20 × 19 MB.
            Assert.True(grown < 150_000_000, $"{grown / 1_000_000} MB more");
            foreach (var socket in stalled)
            {
                Assert.Equal(4408, await socket.ReceiveCloseAsync());
                await socket.DisposeAsync();
            }
        }
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Who_reads_more_slowly_than_is_said_gets_all_in_order_until_it_is_told_4408()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        await using var quick = await SocketClient.ConnectAsync(server, "/ws/chat/busy/", SocketClient.V1);
        await quick.ReceiveAsync("subscribed");
        await using var slow = await RawSocket.ConnectAsync(server.Address, "/ws/chat/busy/", receiveBuffer: 4096);
        // Nobody tells a plain client that it is in.
        var feed = server.Get<ConnectionRegistry>().FindFeed(Topic.Room("busy"))!;
        await Eventually.TrueAsync(() => feed.ListSubscriptions() is { Length: 2 } both && both.All(subscription => subscription.IsLive));
        List<string> got = [];
        var code = 0;
        async Task ReadOneAsync()
        {
            var (opcode, payload) = await slow.ReceiveAsync() ?? (8, [0x03, 0xEE]);
            if (opcode == 1)
            {
                got.Add(System.Text.Json.Nodes.JsonNode.Parse(payload)!["message"]!.ToString().Split(' ')[0]);
            }
            else if (opcode == 8)
            {
                code = (payload[0] << 8) | payload[1];
            }
        }

        for (var i = 0; code == 0; i++)
        {
            Assert.True(i < 5000, "It was never told.");
            await quick.SendAsync(new { type = "send", room = "busy", message = $"{i} {Text}", nonce = $"{i}" });
            await quick.ReceiveAsync(frame => (string?)frame["type"] == "message");
            if (i % 4 == 0)
            {
                await ReadOneAsync();
            }
            // Once it is being told, it must listen before the connection is cut.
            while (code == 0 && feed.ListSubscriptions().Length < 2)
            {
                await ReadOneAsync();
            }
        }

        Assert.Equal(4408, code);
        Assert.Equal(Enumerable.Range(0, got.Count).Select(i => i.ToString(CultureInfo.InvariantCulture)), got);
    }

    /// <summary>Says this many things, one after the other, and returns how long it took to hear oneself, at worst but for one in a hundred.</summary>
    private static async Task<TimeSpan> MeasureAsync(SocketClient quick, string name, int count)
    {
        List<TimeSpan> times = [];
        for (var i = 0; i < count; i++)
        {
            var text = $"{name}-{i} {Text}";
            var since = Stopwatch.GetTimestamp();
            await quick.SendAsync(new { type = "send", room = "busy", message = text, nonce = $"{name}-{i}" });
            // The very next message: nothing lost, doubled or out of order.
            Assert.Equal(text, (string?)(await quick.ReceiveAsync(frame => (string?)frame["type"] == "message"))["message"]);
            times.Add(Stopwatch.GetElapsedTime(since));
        }
        times.Sort();
        return times[times.Count * 99 / 100];
    }
}
