using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

/// <summary>Promise 2: what a client has gathered from snapshots and events over any number of drops is what a fresh read gives.</summary>
public sealed class ConvergenceTests
{
    private const int Clients = 4;
    private const int Rounds = 120;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task State_and_events_are_a_fresh_read(int seed)
    {
        await using var server = await TestServer.StartAsync([("LIMIT_GUEST_MESSAGES_PER_SECOND", "0"), ("LIMIT_MESSAGES_PER_SECOND", "0")]);
        var clients = await Task.WhenAll(Enumerable.Range(0, Clients).Select(i => LiveClient.OpenAsync(server, $"c{i}")));
        await Task.WhenAll(clients.Select((client, i) => client.RunAsync(new Random(seed * 100 + i), Rounds)));

        using var http = server.CreateClient();
        List<JsonObject> fresh = [];
        while (true)
        {
            var page = await http.GetFromJsonAsync<JsonObject>($"/api/v1/rooms/c/messages?after={fresh.Count}&limit=200", Ct);
            fresh.AddRange(page!["messages"]!.AsArray().Select(m => m!.AsObject()));
            if (!(bool)page["has_more"]!)
            {
                break;
            }
        }
        Assert.True(fresh.Count > Rounds);
        foreach (var client in clients)
        {
            await client.ReachAsync((long)fresh[^1]["rev"]!);
            // A client that was told to forget has only the latest; what it has must be whole all the same.
            var expected = fresh.Where(message => (long)message["seq"]! >= client.FirstSeq).Select(message => message.ToJsonString());
            Assert.Equal(expected, client.Messages.Select(message => message.ToJsonString()));
            Assert.Equal(client.Unacknowledged, []);
            await client.DisposeAsync();
        }
    }

    /// <summary>Keeps a room's messages the way a page does: by revision, resuming after each drop.</summary>
    private sealed class LiveClient(TestServer server, string name) : IAsyncDisposable
    {
        private readonly SortedDictionary<long, JsonObject> _messages = [];
        private readonly HashSet<string> _unacknowledged = [];
        private SocketClient? _socket;
        private long _rev;
        private string? _epoch;

        public IEnumerable<JsonObject> Messages => _messages.Values;

        public long FirstSeq => _messages.Count == 0 ? 0 : _messages.First().Key;

        public IEnumerable<string> Unacknowledged => _unacknowledged;

        private SocketClient Socket => _socket ?? throw new InvalidOperationException("Not connected.");

        public static async Task<LiveClient> OpenAsync(TestServer server, string name)
        {
            var client = new LiveClient(server, name);
            await client.ConnectAsync();
            return client;
        }

        public async Task RunAsync(Random random, int rounds)
        {
            for (var i = 0; i < rounds; i++)
            {
                switch (random.Next(10))
                {
                    case 0:
                        // Gone without a word, perhaps with frames under way.
                        Socket.Abort();
                        await Socket.DisposeAsync();
                        await ConnectAsync();
                        break;
                    case 1:
                        await Socket.SendAsync(new { type = "subscribe", room = "c", after = _rev, epoch = _epoch });
                        await TakeAsync(frame => (string?)frame["type"] == "subscribed");
                        break;
                    default:
                        var nonce = string.Create(CultureInfo.InvariantCulture, $"{name} {i}");
                        _unacknowledged.Add(nonce);
                        await SendAsync(nonce);
                        if (random.Next(3) == 0)
                        {
                            await TakeAsync(_ => _unacknowledged.Count == 0);
                        }
                        break;
                }
            }
            await TakeAsync(_ => _unacknowledged.Count == 0);
        }

        /// <summary>Reads on until the revision is reached.</summary>
        public async Task ReachAsync(long rev)
        {
            if (_rev < rev)
            {
                await TakeAsync(_ => _rev >= rev);
            }
        }

        public async ValueTask DisposeAsync() => await Socket.DisposeAsync();

        private async Task ConnectAsync()
        {
            _socket = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, headers: ("Cookie", await Cookies.Value));
            await _socket.SendAsync(_epoch is null ? new { type = "subscribe", room = "c" } : (object)new { type = "subscribe", room = "c", after = _rev, epoch = _epoch });
            await TakeAsync(frame => (string?)frame["type"] == "subscribed");
            // Whatever has no ack may or may not have arrived: the nonce makes saying it again harmless.
            foreach (var nonce in _unacknowledged)
            {
                await SendAsync(nonce);
            }
        }

        private Lazy<Task<string>> Cookies { get; } = new(async () =>
        {
            var jar = new System.Net.CookieContainer();
            using var browser = server.CreateClient(jar);
            using var page = await browser.GetAsync(new Uri($"/chat/c/?username={name}", UriKind.Relative), Ct);
            return jar.GetCookieHeader(server.Address);
        });

        private Task SendAsync(string nonce) => Socket.SendAsync(new { type = "send", room = "c", message = nonce, nonce });

        private async Task TakeAsync(Func<JsonObject, bool> until)
        {
            if (_unacknowledged.Count == 0 && until([]))
            {
                return;
            }
            while (true)
            {
                var frame = await Socket.ReceiveAsync();
                Apply(frame);
                if (until(frame))
                {
                    return;
                }
            }
        }

        private void Apply(JsonObject frame)
        {
            switch ((string?)frame["type"])
            {
                case "subscribed":
                    if ((bool)frame["reset"]!)
                    {
                        _messages.Clear();
                    }
                    foreach (var message in frame["messages"]!.AsArray())
                    {
                        Put(message!.AsObject());
                    }
                    _rev = (long)frame["rev"]!;
                    _epoch = (string?)frame["epoch"];
                    break;
                case "message":
                    Assert.Equal(_rev + 1, (long)frame["rev"]!);
                    _rev = (long)frame["rev"]!;
                    Put(frame);
                    break;
                case "ack":
                    _unacknowledged.Remove((string)frame["nonce"]!);
                    break;
                case "error":
                    Assert.Fail(frame.ToJsonString());
                    break;
                default:
                    break;
            }
        }

        private void Put(JsonObject message)
        {
            var copy = message.DeepClone().AsObject();
            copy.Remove("type");
            _messages[(long)copy["seq"]!] = copy;
        }
    }
}
