using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Sinks.Webhooks;

/// <summary>A server that stops while it delivers.</summary>
[Trait("Database", "Both"), Trait("Speed", "Medium")]
public sealed class StopTests
{
    private static readonly (string, string)[] Settings = [("WEBHOOK_ALLOW_PRIVATE", "on"), ("SINK_LEASE_SECONDS", "1"), .. SharedServer.NoLimits];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_had_arrived_before_a_stop_does_not_come_again()
    {
        var data = await TestDatabase.MakeDirectoryAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        var allSaid = new TaskCompletionSource();
        // The second and the third come in one turn, which the stop ends.
        receiver.Answer = (context, call) => call switch { 1 => allSaid.Task, 2 => Task.CompletedTask, _ => HangAsync(context) };
        await using (var server = await TestServer.StartAsync(Settings, data))
        {
            using var alice = await HookOwner.CreateAsync(server, receiver);
            await alice.SayAsync("first");
            await receiver.WaitAsync(1);
            await alice.SayAsync("second");
            await alice.SayAsync("third");
            allSaid.SetResult();
            await receiver.WaitAsync(3);
        }
        receiver.AnswerWith(204);

        await using (var server = await TestServer.StartAsync(Settings, data))
        {
            await Eventually.TrueAsync(async () => await CountAsync(server, "SELECT delivered FROM sinks") >= 3, () => $"{receiver.Calls.Count} calls");

            Assert.Equal(["first", "second", "third", "third"], receiver.Calls.Select(call => call.Text));
            Assert.Equal(3, await CountAsync(server, "SELECT COUNT(*) FROM webhook_deliveries"));
        }
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task A_replay_goes_on_after_a_stop_where_it_was()
    {
        var data = await TestDatabase.MakeDirectoryAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = static (context, call) => call == 1 ? Task.CompletedTask : HangAsync(context);
        await using (var server = await TestServer.StartAsync(Settings, data))
        {
            using var alice = await HookOwner.CreateAsync(server, receiver, registersLate: true);
            var first = await alice.SayAsync("first");
            var last = await alice.SayAsync("second");
            await alice.RegisterAsync();
            await alice.PostAsync("replay", new { first, last });
            await receiver.WaitAsync(2);
        }
        receiver.AnswerWith(204);

        await using (var server = await TestServer.StartAsync(Settings, data))
        {
            await receiver.WaitAsync(3);
            await Eventually.TrueAsync(async () => await CountAsync(server, "SELECT COUNT(*) FROM webhook_errands") == 0);

            Assert.Equal(["first", "second", "second"], receiver.Calls.Select(call => call.Text));
        }
        Directory.Delete(data, recursive: true);
    }

    private static Task HangAsync(Microsoft.AspNetCore.Http.HttpContext context) =>
        Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);

    private static Task<long> CountAsync(TestServer server, string sql) => server.Get<Db>().ReadAsync(session => session.GetAsync<long>(sql), Ct);
}
