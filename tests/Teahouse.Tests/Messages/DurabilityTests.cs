using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

/// <summary>Promise 1: acknowledged means durable. Provoked with SIGKILL.</summary>
[Trait("Speed", "Slow")]
public sealed class DurabilityTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(40)]
    [InlineData(300)]
    [InlineData(1500)]
    public async Task After_a_kill_every_acknowledged_message_is_there_once_and_in_order(int acksBeforeKill)
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        try
        {
            Dictionary<string, long> acknowledged = [];
            await using (var program = await ProgramProcess.ServeAsync(directory, ("LIMIT_GUEST_MESSAGES_PER_SECOND", "0"), ("LIMIT_MESSAGES_PER_SECOND", "0")))
            {
                var senders = await Task.WhenAll(Enumerable.Range(0, 5).Select(i => SendUntilGoneAsync(program, $"s{i}", acknowledged, acksBeforeKill)));
                await program.KillAsync();
                await Task.WhenAll(senders);
            }

            await using var again = await ProgramProcess.ServeAsync(directory);
            var messages = await ReadAllAsync(again, "kill");

            Assert.Equal(Enumerable.Range(1, messages.Count).Select(i => (long)i), messages.Select(m => (long)m["seq"]!));
            var found = messages.ToDictionary(m => (string)m["message"]!, m => (long)m["seq"]!);
            Assert.True(acknowledged.Count >= acksBeforeKill);
            Assert.All(acknowledged, ack => Assert.Equal(ack.Value, found[ack.Key]));
            foreach (var sender in messages.GroupBy(m => ((string)m["message"]!).Split(' ')[0]))
            {
                var numbers = sender.Select(m => int.Parse(((string)m["message"]!).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture)).ToList();
                Assert.Equal(Enumerable.Range(0, numbers.Count), numbers);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Returns, once enough is acknowledged, a task that ends when the server is gone.</summary>
    private static async Task<Task> SendUntilGoneAsync(ProgramProcess program, string name, Dictionary<string, long> acknowledged, int enough)
    {
        var client = await SocketClient.ConnectAsync(program.Address, "/ws/", SocketClient.V1);
        await client.ReceiveAsync("hello");
        var reached = new TaskCompletionSource();
        var sending = Task.Run(async () =>
        {
            try
            {
                for (var i = 0; ; i++)
                {
                    await client.SendAsync(new { type = "send", room = "kill", message = $"{name} {i}", nonce = $"{name} {i}" });
                }
            }
            catch (Exception e) when (e is System.Net.WebSockets.WebSocketException or ObjectDisposedException or OperationCanceledException)
            {
                // Gone.
            }
        }, Ct);
        var receiving = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    var ack = await client.ReceiveAsync("ack");
                    lock (acknowledged)
                    {
                        acknowledged[(string)ack["nonce"]!] = (long)ack["seq"]!;
                        if (acknowledged.Count >= enough)
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
        }, Ct);
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30), Ct);
        return Task.WhenAll(sending, receiving).ContinueWith(_ => client.DisposeAsync().AsTask(), TaskScheduler.Default).Unwrap();
    }

    private static async Task<List<JsonObject>> ReadAllAsync(ProgramProcess program, string room)
    {
        using var http = new HttpClient { BaseAddress = program.Address };
        List<JsonObject> all = [];
        while (true)
        {
            var after = all.Count == 0 ? 0 : (long)all[^1]["seq"]!;
            var page = await http.GetFromJsonAsync<JsonObject>($"/api/v1/rooms/{room}/messages?after={after}&limit=200", Ct);
            all.AddRange(page!["messages"]!.AsArray().Select(m => m!.AsObject()));
            if (!(bool)page["has_more"]!)
            {
                return all;
            }
        }
    }
}
