using System.Globalization;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

/// <summary>Promise 1 at more length than <c>./test</c> has time for: run by <c>scripts/prove-durable</c>.</summary>
[Trait("Speed", "Proof")]
public sealed class DurabilityProofs
{
    [Fact(Explicit = true)]
    public async Task After_very_many_kills_at_random_moments_nothing_acknowledged_is_lost()
    {
        var count = int.Parse(Environment.GetEnvironmentVariable("PROVE_ROUNDS") ?? "100", CultureInfo.InvariantCulture);
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        var rounds = new KillRounds(directory);
        for (var i = 0; i < count; i++)
        {
            // Small numbers more often: the first commits, the first checkpoint, the room's own making are all moments too.
            await rounds.RunAsync((int)Math.Exp(Random.Shared.NextDouble() * Math.Log(600)));
        }
        await rounds.CheckAllAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"{count} kills: {rounds.Acknowledged} messages acknowledged, all of them stored once; {rounds.Stored - rounds.Acknowledged} more stored whose ack was cut off.");
        Directory.Delete(directory, recursive: true);
    }

    [Fact(Explicit = true)]
    public async Task No_byte_of_a_message_leaves_before_it_is_synced_and_parallel_sends_share_their_syncs()
    {
        const int Parallel = 200;
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        var file = Path.Combine(directory, "trace");
        await using (var program = await ProgramProcess.ServeUnderAsync(CallTrace.Command(file), directory, SharedServer.NoLimits))
        {
            await using var one = await SocketClient.ConnectAsync(program.Address, "/ws/chat/r/", SocketClient.V1);
            for (var i = 0; i < 100; i++)
            {
                await SayAsync(one, $"single-{i:000}");
            }
            var sockets = await Task.WhenAll(Enumerable.Range(0, Parallel).Select(_ => SocketClient.ConnectAsync(program.Address, "/ws/", SocketClient.V1)));
            await SayAsync(one, "begin-parallel");
            await Task.WhenAll(sockets.Select((socket, i) => SayAsync(socket, $"parallel-{i:000}")));
            await SayAsync(one, "end-parallel");
            foreach (var socket in sockets)
            {
                await socket.DisposeAsync();
            }
            program.Terminate();
            await program.WaitForExitAsync();
        }

        var trace = CallTrace.Read(file);
        string[] messages = [.. Enumerable.Range(0, 100).Select(i => $"single-{i:000}"), .. Enumerable.Range(0, Parallel).Select(i => $"parallel-{i:000}")];
        foreach (var message in messages)
        {
            var (written, sent) = (trace.FirstWrite(message), trace.FirstSend(message));
            Assert.True(trace.HasSyncBetween(written, sent), $"{message}: written by call {written}, sent by call {sent}, and not synced in between");
        }
        var syncs = trace.CountSyncs(trace.FirstWrite("begin-parallel"), trace.FirstSend("end-parallel"));
        Assert.InRange(syncs, 1, Parallel / 4);
        TestContext.Current.TestOutputHelper?.WriteLine($"{messages.Length} messages: each synced between its write and its first byte to anybody. {Parallel} parallel sends took {syncs} syncs.");
        Directory.Delete(directory, recursive: true);
    }

    private static async Task SayAsync(SocketClient socket, string text)
    {
        await socket.SendAsync(new { type = "send", room = "r", message = text, nonce = text });
        await socket.ReceiveAsync(frame => (string?)frame["type"] == "ack" && (string?)frame["nonce"] == text);
    }
}
