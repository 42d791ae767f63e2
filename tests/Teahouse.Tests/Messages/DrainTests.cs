using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Teahouse.Client;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

/// <summary>Promise 6: SIGTERM while everybody is talking.</summary>
[Trait("Speed", "Slow")]
public sealed class DrainTests
{
    private const int Talkers = 6;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stop_under_load_answers_every_send_and_loses_nothing()
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        Uri address;
        List<Talk> talks;
        List<TeahouseClient> clients = [];
        List<RoomReader> readers = [];
        List<Task<SendReceipt>> sends = [];
        await using (var program = await ProgramProcess.ServeAsync(directory, SharedServer.NoLimits))
        {
            address = program.Address;
            for (var i = 0; i < 3; i++)
            {
                clients.Add(new TeahouseClient(new TeahouseClientOptions { Server = address, Nickname = $"client{i}", FirstRetry = TimeSpan.FromMilliseconds(50), LongestRetry = TimeSpan.FromSeconds(1) }));
                readers.Add(new RoomReader(await clients[i].JoinAsync("load", Ct)));
                sends.AddRange(Enumerable.Range(0, 300).Select(n => clients[i].SendAsync("load", $"client{i} {n}", Ct)));
            }
            talks = [.. await Task.WhenAll(Enumerable.Range(0, Talkers).Select(i => Talk.StartAsync(address, $"talker{i}")))];
            await Eventually.TrueAsync(() => talks.TrueForAll(talk => talk.Acknowledged.Count >= 50));

            var since = Stopwatch.StartNew();
            var readiness = SeeNotReadyAsync(address);
            program.Terminate();

            await Task.WhenAll(talks.Select(talk => talk.Ended));
            Assert.True(await readiness, "/readyz never said 503");
            Assert.Equal(0, await program.WaitForExitAsync());
            Assert.InRange(since.Elapsed.TotalSeconds, 0, 10);
            Assert.DoesNotContain(program.Output.Split('\n'), line => line.Contains(" fail: ", StringComparison.Ordinal));
        }

        // Each was told when to come back, not all at once.
        Assert.All(talks, talk => Assert.InRange(talk.RetryMs!.Value, 200, 8000));
        Assert.True(talks.Select(talk => talk.RetryMs).Distinct().Count() > 1);
        Assert.All(talks, talk => Assert.Equal(1012, talk.CloseCode));
        // What was sent before its sender knew got an answer: the ack, or that it was not stored.
        Assert.All(talks, talk => Assert.Empty(talk.SentBeforeDrain.Except(talk.Acknowledged.Keys).Except(talk.Refused)));

        await using var again = await ProgramProcess.ServeAsync(directory, [.. SharedServer.NoLimits, ("URLS", address.ToString())]);
        var receipts = await Task.WhenAll(sends).WaitAsync(TimeSpan.FromSeconds(60), Ct);
        var stored = await History.ReadAsync(address, "load");
        Assert.Equal(Enumerable.Range(1, stored.Count).Select(i => (long)i), stored.Select(message => (long)message["seq"]!));
        var bySender = stored.ToLookup(message => (string)message["message"]!, message => (long)message["seq"]!);
        foreach (var talk in talks)
        {
            Assert.All(talk.Acknowledged, ack => Assert.Equal(ack.Value, Assert.Single(bySender[ack.Key])));
            Assert.All(talk.Refused, text => Assert.Empty(bySender[text]));
        }
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(receipts[(i * 300)..((i + 1) * 300)].Select(receipt => receipt.Seq), Enumerable.Range(0, 300).Select(n => Assert.Single(bySender[$"client{i} {n}"])));
            await readers[i].ReachAsync(stored.Count);
            // From where its first look began, everything, once, in order.
            var seen = readers[i].Messages;
            Assert.Equal(stored.Skip(stored.Count - seen.Count).Select(message => ((long)message["seq"]!, (string)message["message"]!)), seen.Select(message => (message.Seq, message.Text)));
            Assert.True(seen[0].Seq == 1 || seen.Count > 300);
            await clients[i].DisposeAsync();
        }
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public Task Whoever_does_not_finish_or_read_does_not_hold_up_the_stop() => Promptly.KeptAsync(async () =>
    {
        const int Pieces = 400;
        string? late;
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        await using (var program = await ProgramProcess.ServeAsync(directory, [("DRAIN_SECONDS", "3"), .. SharedServer.NoLimits]))
        {
            await using (var writer = await SocketClient.ConnectAsync(program.Address, "/ws/chat/r/", SocketClient.V1))
            {
                for (var i = 0; i < Pieces; i++)
                {
                    await writer.SendAsync(new { type = "send", room = "r", message = new string('茶', 7900), nonce = $"{i}" });
                    // Whoever does not read what comes back is too slow.
                    await writer.ReceiveAsync("ack");
                }
            }
            await using var request = await RawSocket.DialAsync(program.Address);
            await request.SendAsync("POST /login/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nusername=a"u8.ToArray());
            await using var head = await RawSocket.DialAsync(program.Address);
            await head.SendAsync("GET /login/ HTTP/1.1\r\nHost: localhost\r\n"u8.ToArray());
            await using var download = await RawSocket.DialAsync(program.Address, receiveBuffer: 4096);
            await download.SendAsync("GET /api/v1/rooms/r/export?format=csv HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
            await using var stuck = await RawSocket.ConnectAsync(program.Address, "/ws/chat/r/");
            var since = Stopwatch.StartNew();

            program.Terminate();

            // Nobody answers the closing handshake either.
            Assert.Equal(0, await program.WaitForExitAsync());
            late = Promptly.Judge("the stop", since.Elapsed, TimeSpan.FromSeconds(4));
        }
        Directory.Delete(directory, recursive: true);
        return late;
    });

    [Fact]
    public async Task Who_asks_whether_it_is_ready_hears_for_a_moment_that_it_is_not()
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        await using (var program = await ProgramProcess.ServeAsync(directory, ("DRAIN_SECONDS", "4")))
        {
            using var http = new HttpClient { BaseAddress = program.Address };
            using (var ready = await http.GetAsync(new Uri("/readyz", UriKind.Relative), Ct))
            {
                Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
            }

            // Asks already when it is told to stop: who begins afterwards may come when the moment is over.
            var since = Stopwatch.GetTimestamp();
            var notReady = SeeNotReadyAsync(program.Address, asked => since = asked);
            program.Terminate();
            Assert.True(await notReady, "/readyz never said 503");
            while (await SeeNotReadyAsync(program.Address))
            {
            }

            // A second is left to who asks, which began after whatever was answered by 200 was asked; only then is nobody there any more.
            var notice = Stopwatch.GetElapsedTime(since);
            Assert.True(notice > TimeSpan.FromSeconds(0.95), $"{notice}");
            Assert.Equal(0, await program.WaitForExitAsync());
        }
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>Asks until it says 503, which is true, or nobody is there any more, and tells when it asked for what was answered otherwise.</summary>
    private static async Task<bool> SeeNotReadyAsync(Uri address, Action<long>? wasReady = null)
    {
        using var http = new HttpClient { BaseAddress = address };
        try
        {
            while (true)
            {
                var asked = Stopwatch.GetTimestamp();
                using var answer = await http.GetAsync(new Uri("/readyz", UriKind.Relative), Ct);
                if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
                {
                    return true;
                }
                wasReady?.Invoke(asked);
            }
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Sends without waiting until it is closed, and notes what became of it.</summary>
    private sealed class Talk
    {
        public ConcurrentDictionary<string, long> Acknowledged { get; } = [];
        public ConcurrentBag<string> Refused { get; } = [];
        public List<string> SentBeforeDrain { get; } = [];
        public int? RetryMs { get; private set; }
        public int CloseCode { get; private set; }
        public Task Ended { get; private set; } = Task.CompletedTask;

        private volatile bool _drained;

        public static async Task<Talk> StartAsync(Uri server, string name)
        {
            var socket = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1);
            await socket.ReceiveAsync("hello");
            var talk = new Talk();
            talk.Ended = Task.WhenAll(Task.Run(() => talk.SendAsync(socket, name), Ct), Task.Run(() => talk.ReceiveAsync(socket), Ct));
            return talk;
        }

        private async Task SendAsync(SocketClient socket, string name)
        {
            try
            {
                for (var i = 0; i < 100_000; i++)
                {
                    var text = $"{name} {i}";
                    var before = !_drained;
                    await socket.SendAsync(new { type = "send", room = "load", message = text, nonce = text });
                    if (before)
                    {
                        SentBeforeDrain.Add(text);
                    }
                    if (i - Acknowledged.Count - Refused.Count > 20)
                    {
                        // Some on the way, but not a flood.
                        await Eventually.TrueAsync(() => CloseCode != 0 || i - Acknowledged.Count - Refused.Count <= 20);
                    }
                }
            }
            catch (Exception e) when (e is System.Net.WebSockets.WebSocketException or InvalidOperationException)
            {
                // Closed.
            }
        }

        private async Task ReceiveAsync(SocketClient socket)
        {
            try
            {
                while (true)
                {
                    Note(await socket.ReceiveAsync());
                }
            }
            catch (InvalidOperationException)
            {
                CloseCode = (int?)socket.CloseStatus ?? 1006;
            }
        }

        private void Note(JsonObject frame)
        {
            switch ((string?)frame["type"])
            {
                case "ack":
                    Acknowledged[(string)frame["nonce"]!] = (long)frame["seq"]!;
                    break;
                case "error":
                    Assert.Equal("busy", (string?)frame["code"]);
                    Refused.Add((string)frame["nonce"]!);
                    break;
                case "drain":
                    _drained = true;
                    RetryMs = (int)frame["retry_ms"]!;
                    break;
                default:
                    break;
            }
        }
    }
}
