using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

/// <summary>One server after another on the same data, each killed by SIGKILL while people talk; and what must be true after each.</summary>
internal sealed class KillRounds(string directory)
{
    private const string Room = "kill";
    private const int Senders = 5;

    private readonly Dictionary<string, long> _acknowledged = [];
    private readonly List<JsonObject> _stored = [];
    private int _rounds;

    public int Acknowledged => _acknowledged.Count;

    public int Stored => _stored.Count;

    /// <summary>Talks to a server and kills it once about this many messages more are acknowledged; sends are under way then. The next server must have all of them.</summary>
    public async Task RunAsync(int acksBeforeKill)
    {
        _rounds++;
        var enough = Acknowledged + acksBeforeKill;
        await using (var program = await ProgramProcess.ServeAsync(directory, SharedServer.NoLimits))
        {
            await CheckAsync(program.Address);
            var senders = await Task.WhenAll(Enumerable.Range(0, Senders).Select(i => SendUntilGoneAsync(program, $"r{_rounds}s{i}", enough)));
            await program.KillAsync();
            await Task.WhenAll(senders);
        }
        Assert.True(Acknowledged >= enough);
    }

    /// <summary>Starts once more and looks at everything from the beginning.</summary>
    public async Task CheckAllAsync()
    {
        _stored.Clear();
        await using var program = await ProgramProcess.ServeAsync(directory, SharedServer.NoLimits);
        await CheckAsync(program.Address);
    }

    private async Task CheckAsync(Uri server)
    {
        if (Acknowledged == 0)
        {
            // The room is not there yet.
            return;
        }
        _stored.AddRange(await History.ReadAsync(server, Room, _stored.Count));
        // No hole, nothing twice; what was acknowledged is there under its number; each sender's order holds, and ends without a gap.
        Assert.Equal(Enumerable.Range(1, _stored.Count).Select(i => (long)i), _stored.Select(message => (long)message["seq"]!));
        var found = _stored.ToDictionary(message => (string)message["message"]!, message => (long)message["seq"]!);
        Assert.All(_acknowledged, ack => Assert.Equal(ack.Value, found[ack.Key]));
        foreach (var sender in _stored.Select(message => ((string)message["message"]!).Split(' ')).GroupBy(words => words[0]))
        {
            Assert.Equal(Enumerable.Range(0, sender.Count()).Select(i => $"{i}"), sender.Select(words => words[1]));
        }
    }

    /// <summary>Returns, once enough is acknowledged, a task that ends when the server is gone.</summary>
    private async Task<Task> SendUntilGoneAsync(ProgramProcess program, string name, int enough)
    {
        var client = await SocketClient.ConnectAsync(program.Address, "/ws/", SocketClient.V1);
        await client.ReceiveAsync("hello");
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var sending = Task.Run(async () =>
        {
            try
            {
                for (var i = 0; ; i++)
                {
                    await client.SendAsync(new { type = "send", room = Room, message = $"{name} {i}", nonce = $"{name} {i}" });
                }
            }
            catch (Exception e) when (e is WebSocketException or ObjectDisposedException or OperationCanceledException)
            {
                // Gone.
            }
        }, TestContext.Current.CancellationToken);
        var receiving = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    var ack = await client.ReceiveAsync("ack");
                    lock (_acknowledged)
                    {
                        _acknowledged[(string)ack["nonce"]!] = (long)ack["seq"]!;
                        if (_acknowledged.Count >= enough)
                        {
                            reached.TrySetResult();
                        }
                    }
                }
            }
            catch (InvalidOperationException)
            {
                // Gone.
            }
        }, TestContext.Current.CancellationToken);
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        return Task.WhenAll(sending, receiving).ContinueWith(_ => client.DisposeAsync().AsTask(), TaskScheduler.Default).Unwrap();
    }
}
