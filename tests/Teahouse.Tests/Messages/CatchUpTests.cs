using System.Globalization;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

/// <summary>Promise 2 at the level of frames: clients that subscribe anywhere, at any moment, drop and come back while others talk, all end with the room as it is.</summary>
[Trait("Database", "Both"), Trait("Speed", "Medium")]
public sealed class CatchUpTests
{
    private const int Readers = 12;
    private const int Senders = 3;
    private const int Each = 500;
    private const int Total = Senders * Each;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task From_any_position_at_any_moment_the_view_is_exact(int seed)
    {
        await using var server = await TestServer.StartAsync([.. SharedServer.NoLimits, ("SOCKET_HEARTBEAT_SECONDS", "0.5")]);
        var readers = Enumerable.Range(0, Readers).Select(i => new Reader(server, new Random((seed * 1000) + i))).ToList();
        var reading = readers.ConvertAll(reader => Task.Run(reader.RunAsync, Ct));

        await Task.WhenAll(Enumerable.Range(0, Senders).Select(i => Task.Run(() => TalkAsync(server, $"s{i}"), Ct)));
        await Task.WhenAll(reading);

        using var http = server.CreateClient();
        var stored = await History.ReadAsync(http, "r");
        Assert.Equal(Total, stored.Count);
        foreach (var reader in readers)
        {
            var expected = stored.Where(message => (long)message["seq"]! > reader.From);
            Assert.Equal(expected.Select(message => ((long)message["seq"]!, (long)message["rev"]!, (string)message["message"]!)), reader.Messages);
        }
        // The random walk has been where it should: over the limit of what is caught up on, and within it.
        Assert.Contains(readers, reader => reader.Resets > 0);
        Assert.Contains(readers, reader => reader.Resumes > 0);
    }

    private static async Task TalkAsync(TestServer server, string name)
    {
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1);
        await socket.ReceiveAsync("hello");
        for (var i = 0; i < Each; i++)
        {
            await socket.SendAsync(new { type = "send", room = "r", message = $"{name} {i}", nonce = $"{i}" });
            if (i % 10 == 9)
            {
                var nonce = i.ToString(CultureInfo.InvariantCulture);
                await socket.ReceiveAsync(frame => (string?)frame["type"] == "ack" && (string?)frame["nonce"] == nonce);
            }
        }
    }

    /// <summary>Folds what it is given as docs/protocol.md says, and fails at the first frame that does not fit.</summary>
    private sealed class Reader(TestServer server, Random random)
    {
        private readonly SortedDictionary<long, (long Rev, string Text)> _messages = [];
        private long _rev;
        private string? _epoch;

        /// <summary>Everything after this number is to be here.</summary>
        public long From { get; private set; }

        public int Resets { get; private set; }

        public int Resumes { get; private set; }

        public IEnumerable<(long Seq, long Rev, string Text)> Messages => _messages.Select(message => (message.Key, message.Value.Rev, message.Value.Text));

        public async Task RunAsync()
        {
            while (_rev < Total)
            {
                await using var socket = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1);
                _epoch = (string?)(await socket.ReceiveAsync("hello"))["epoch"];
                await SubscribeAsync(socket, random.Next(4) == 0 ? GoBack() : _rev);
                await FollowAsync(socket, frames: random.Next(1, 400));
                if (random.Next(2) == 0)
                {
                    socket.Abort();
                }
                else if (random.Next(3) == 0)
                {
                    // Away for a while: as long as the others take to say some hundred things more.
                    await MissAsync(random.Next(100, 900));
                }
            }
        }

        /// <summary>Forgets back to a random position, or everything.</summary>
        private long GoBack()
        {
            _rev = random.NextInt64(0, _rev + 1);
            foreach (var seq in _messages.Where(message => message.Value.Rev > _rev).Select(message => message.Key).ToList())
            {
                _messages.Remove(seq);
            }
            From = Math.Min(From, _rev);
            if (_messages.Count == 0)
            {
                From = _rev;
            }
            return _rev;
        }

        private async Task SubscribeAsync(SocketClient socket, long after)
        {
            await socket.SendAsync(new { type = "subscribe", room = "r", after, epoch = _epoch });
            var answer = await socket.ReceiveAsync("subscribed");
            var messages = answer["messages"]!.AsArray().Select(message => message!.AsObject()).ToList();
            if ((bool)answer["reset"]!)
            {
                Resets++;
                // Forget, take these, and page back for the rest.
                _messages.Clear();
                From = (long)messages[0]["seq"]! - 1;
                _rev = (long)messages[0]["rev"]! - 1;
            }
            else
            {
                Resumes++;
                Assert.Equal(after, _rev);
            }
            messages.ForEach(Apply);
            Assert.Equal((long)answer["rev"]!, _rev);
        }

        private async Task FollowAsync(SocketClient socket, int frames)
        {
            for (var i = 0; i < frames && _rev < Total; i++)
            {
                var frame = await socket.ReceiveAsync(frame => (string?)frame["type"] is "message" or "heartbeat");
                if ((string?)frame["type"] == "message")
                {
                    Apply(frame);
                }
            }
        }

        /// <summary>Nothing is said here but messages: each is the next revision and the next number.</summary>
        private void Apply(JsonObject message)
        {
            var (seq, rev) = ((long)message["seq"]!, (long)message["rev"]!);
            Assert.Equal(_rev + 1, rev);
            Assert.True(_messages.Count == 0 ? seq == From + 1 : seq == _messages.Keys.Last() + 1, $"seq {seq} after {_messages.Count} from {From}");
            _messages.Add(seq, (rev, (string)message["message"]!));
            _rev = rev;
        }

        private async Task MissAsync(int messages)
        {
            using var http = server.CreateClient();
            var until = Math.Min(Total, _rev + messages);
            await Eventually.TrueAsync(async () =>
            {
                var latest = await http.GetAsync(new Uri("/api/v1/rooms/r/messages?limit=1", UriKind.Relative), Ct);
                return latest.IsSuccessStatusCode && (long)JsonNode.Parse(await latest.Content.ReadAsStringAsync(Ct))!["rev"]! >= until;
            });
        }
    }
}
