using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Accounts;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Sinks.Webhooks;

/// <summary>Messages in their turn.</summary>
[Trait("Database", "Both"), Trait("Speed", "Medium")]
public sealed class DeliveryTests
{
    /// <summary>Tries that follow one another as quickly as a test wants them.</summary>
    private static readonly (string Name, string Value)[] Quick = [("SINK_RETRY_SECONDS", "0.05"), ("SINK_RETRY_MAX_SECONDS", "0.1")];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_message_arrives_in_order_as_the_api_gives_it_and_signed()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var server = await ErrandTests.StartAsync();
        using var alice = await HookOwner.CreateAsync(server, receiver, registersLate: true);
        await alice.SayAsync("before");
        (await alice.Client.PostAsJsonAsync("/api/v1/rooms", new { name = "hall", access = "members" }, Ct)).EnsureSuccessStatusCode();
        await alice.RegisterAsync("den", "hall");
        string[] texts = ["早安", "=1+1", "👵🏽 \"q\" \\", "two\nlines", new string('長', 8000)];

        foreach (var text in texts)
        {
            await alice.SayAsync(text);
            (await alice.Client.PostAsJsonAsync("/api/v1/rooms/hall/messages", new { message = "hall: " + text[..1] }, Ct)).EnsureSuccessStatusCode();
        }
        (await alice.Client.PatchAsJsonAsync("/api/v1/rooms/den", new { title = "new" }, Ct)).EnsureSuccessStatusCode();
        var calls = await receiver.WaitAsync(11);

        var page = (await alice.Client.GetFromJsonAsync<JsonObject>("/api/v1/rooms/den/messages?after=2&limit=200", Ct))!["messages"]!.AsArray();
        var den = calls.Where(call => (string?)call.Json["data"]!["room"] == "den").ToList();
        Assert.Equal(page.Select(message => message!.ToJsonString()), den.Select(call => call.Json["data"]!.ToJsonString()));
        Assert.Equal("system", (string?)den[^1].Json["data"]!["kind"]);
        Assert.Equal(11, calls.Select(call => call.Id).Distinct().Count());
        Assert.All(calls, call => Assert.Equal("message", (string?)call.Json["type"]));
        Assert.Equal(Enumerable.Repeat("message", 11), await ErrandTests.VerifyAsync([.. calls.Select(call => (alice.Secret, call))]));
        Assert.Equal("running", (string?)(await alice.GetAsync())["state"]);
        Assert.Equal(11, (await alice.WaitForDeliveriesAsync(11)).Count);
    }

    [Fact]
    public async Task What_does_not_arrive_is_tried_again_by_the_same_id_and_the_next_waits()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = (context, call) =>
        {
            context.Response.StatusCode = call is 2 or 3 ? 500 : 200;
            return Task.CompletedTask;
        };
        await using var server = await ErrandTests.StartAsync(Quick);
        using var alice = await HookOwner.CreateAsync(server, receiver);
        foreach (var text in (string[])["a", "b", "c"])
        {
            await alice.SayAsync(text);
        }

        var calls = await receiver.WaitAsync(5);
        var deliveries = await alice.WaitForDeliveriesAsync(5);

        Assert.Equal(["a", "b", "b", "b", "c"], calls.Select(call => call.Text));
        Assert.Equal((calls[1].Id, calls[1].Body), (calls[3].Id, calls[3].Body));
        Assert.Equal(["1 200", "1 500", "2 500", "3 200", "1 200"], deliveries.Reverse().Select(delivery => $"{delivery!["attempt"]} {delivery["status"]}"));
        await Eventually.TrueAsync(async () => (string?)(await alice.GetAsync())["state"] == "running");
    }

    [Fact]
    public async Task A_receiver_that_asks_to_wait_is_given_its_time()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = (context, call) =>
        {
            context.Response.StatusCode = call == 1 ? 429 : 200;
            // Longer than it takes until the loop looks again by itself.
            context.Response.Headers.RetryAfter = "3";
            return Task.CompletedTask;
        };
        await using var server = await ErrandTests.StartAsync(Quick);
        using var alice = await HookOwner.CreateAsync(server, receiver);
        await alice.SayAsync("x");

        var calls = await receiver.WaitAsync(2);

        // Timers may be some milliseconds early.
        var between = Stopwatch.GetElapsedTime(calls[0].At, calls[1].At);
        Assert.True(between > TimeSpan.FromSeconds(2.95), $"{between}");
    }

    [Theory]
    [InlineData(410, "gone", "3600")]
    [InlineData(500, "given_up", "0.3")]
    public async Task A_webhook_that_ended_goes_on_when_its_owner_says_so(int status, string state, string giveUp)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.AnswerWith(status);
        await using var server = await ErrandTests.StartAsync([.. Quick, ("WEBHOOK_GIVE_UP_SECONDS", giveUp)]);
        using var alice = await HookOwner.CreateAsync(server, receiver);
        await alice.SayAsync("first");
        await alice.SayAsync("second");
        await Eventually.TrueAsync(async () => (string?)(await alice.GetAsync())["state"] == state, () => $"{receiver.Calls.Count} calls");
        var calls = receiver.Calls.Count;
        await alice.SayAsync("third");
        Assert.Equal(1, await server.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM audit_log WHERE action = 'webhook_ended'"), Ct));
        Assert.All(receiver.Calls, call => Assert.Equal("first", call.Text));

        receiver.AnswerWith(200);
        await alice.PostAsync("resume");
        var all = await receiver.WaitAsync(calls + 3);

        Assert.Equal(["first", "second", "third"], all.Skip(calls).Select(call => call.Text));
        await Eventually.TrueAsync(async () => (string?)(await alice.GetAsync())["state"] == "running");
    }

    [Fact]
    public async Task The_owner_of_a_webhook_that_stopped_is_told_why_and_where_once()
    {
        await using var smtp = new SmtpServer();
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.AnswerWith(410);
        await using var server = await ErrandTests.StartAsync([.. Quick, .. smtp.Settings(), ("PUBLIC_URL", "https://chat.example.org")]);
        await server.AddUserWithEmailAsync("alice", "alice@example.org");
        using var alice = await HookOwner.CreateAsync(server, receiver);
        await alice.SayAsync("first");
        await alice.SayAsync("second");

        var mail = await smtp.WaitForAsync("alice@example.org");

        Assert.Contains("接收端不再接收", mail.Text, StringComparison.Ordinal);
        Assert.Equal($"https://chat.example.org/settings/webhooks/{alice.Id}/", "https://chat.example.org" + mail.Path);
        await alice.SayAsync("third");
        await alice.PostAsync("resume");
        await smtp.WaitForAsync("alice@example.org", nth: 2);
        await Eventually.TrueAsync(async () => (string?)(await alice.GetAsync())["state"] == "gone");
        Assert.Equal(2, smtp.Mails.Count);
    }

    [Fact]
    public async Task A_receiver_that_never_answers_holds_up_nobody_else()
    {
        await using var stuck = await WebhookReceiver.StartAsync();
        stuck.Answer = static (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var server = await ErrandTests.StartAsync();
        using var alice = await HookOwner.CreateAsync(server, stuck);
        string[] rooms = ["den"];
        (await alice.Client.PostAsJsonAsync("/api/v1/webhooks", new { url = receiver.Address, rooms }, Ct)).EnsureSuccessStatusCode();
        await alice.SayAsync("first");
        await stuck.WaitAsync(1);

        for (var i = 0; i < 20; i++)
        {
            await alice.SayAsync($"m{i}");
        }
        await receiver.WaitAsync(21);

        Assert.Single(stuck.Calls);
    }

    [Fact]
    public async Task Who_may_not_read_a_room_any_more_gets_nothing_of_it_and_who_is_gone_nothing_at_all()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var server = await ErrandTests.StartAsync();
        using var bob = await server.CreateBotAsync("bob", "admin");
        using var alice = await HookOwner.CreateAsync(server, receiver, registersLate: true);
        (await bob.PostAsJsonAsync("/api/v1/rooms", new { name = "bobs", access = "private" }, Ct)).EnsureSuccessStatusCode();
        (await bob.PutAsJsonAsync("/api/v1/rooms/bobs/members/alice", new { }, Ct)).EnsureSuccessStatusCode();
        await alice.RegisterAsync("den", "bobs");
        await BobSaysAsync("while alice is in");
        await receiver.WaitAsync(1);
        (await bob.DeleteAsync("/api/v1/rooms/bobs/members/alice", Ct)).EnsureSuccessStatusCode();

        await BobSaysAsync("secret");
        await alice.SayAsync("after");
        var calls = await receiver.WaitAsync(2);
        await server.RemoveUserAsync((await server.Get<AccountQueries>().FindByKeyAsync("alice", Ct))!.Id);
        await BobSaysAsync("later");
        await Eventually.TrueAsync(async () => await server.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM sinks"), Ct) == 0);

        Assert.Equal(["while alice is in", "after"], calls.Where(call => (string?)call.Json["data"]!["kind"] == "text").Select(call => call.Text));
        Assert.Equal(calls.Count, receiver.Calls.Count);

        async Task BobSaysAsync(string text) => (await bob.PostAsJsonAsync("/api/v1/rooms/bobs/messages", new { message = text }, Ct)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task A_message_deleted_before_it_was_sent_arrives_without_its_text()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        // Until it is deleted the one before it is on its way: nothing is read meanwhile.
        var deleted = new TaskCompletionSource();
        receiver.Answer = async (context, _) =>
        {
            await deleted.Task;
            context.Response.StatusCode = 500;
        };
        await using var server = await ErrandTests.StartAsync(Quick);
        using var alice = await HookOwner.CreateAsync(server, receiver);
        await alice.SayAsync("wait");
        await receiver.WaitAsync(1);
        var id = await alice.SayAsync("unsaid");
        await server.Get<Db>().WriteAsync(session => session.ExecuteAsync("UPDATE messages SET deleted_at = created_at WHERE id = @id", new { id }), Ct);
        receiver.AnswerWith(200);
        deleted.SetResult();

        await Eventually.TrueAsync(() => receiver.Calls[^1].Id.EndsWith($"_{id}", StringComparison.Ordinal));

        Assert.Equal(("", true), (receiver.Calls[^1].Text, (bool?)receiver.Calls[^1].Json["data"]!["deleted"]));
        Assert.DoesNotContain(receiver.Calls, call => call.Body.Contains("unsaid", StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_the_server_killed_at_any_moment_nothing_is_lost_and_order_is_kept()
    {
        var data = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        await using var receiver = await WebhookReceiver.StartAsync();
        (string, string)[] settings = [("WEBHOOK_ALLOW_PRIVATE", "on"), ("SINK_LEASE_SECONDS", "1"), .. SharedServer.NoLimits];
        await using (var server = await TestServer.StartAsync(settings, data))
        {
            using var alice = await HookOwner.CreateAsync(server, receiver);
            // Nothing is on its way when it stops; a token for what follows.
            await File.WriteAllTextAsync(Path.Combine(data, "token"), (await server.AddTokenAsync("alice", "admin")).Text, Ct);
        }
        for (var round = 0; round < 2; round++)
        {
            await using var program = await ProgramProcess.ServeAsync(data, settings);
            var killAt = receiver.Calls.Count + 3 + Random.Shared.Next(10);
            receiver.Answer = async (context, call) =>
            {
                if (call == killAt)
                {
                    await program.KillAsync();
                }
            };
            using var client = await ClientAsync(program.Address, data);
            for (var i = 0; i < 20; i++)
            {
                try
                {
                    await client.PostAsJsonAsync("/api/v1/rooms/den/messages", new { message = $"{round}-{i}" }, Ct);
                }
                catch (HttpRequestException)
                {
                    // Killed.
                    break;
                }
            }
            await Eventually.TrueAsync(() => program.ExitCode is not null);
        }
        receiver.AnswerWith(200);
        await using (var program = await ProgramProcess.ServeAsync(data, settings))
        {
            using var client = await ClientAsync(program.Address, data);
            var stored = (await client.GetFromJsonAsync<JsonObject>("/api/v1/rooms/den/messages?after=1&limit=200", Ct))!["messages"]!.AsArray().Select(message => (string?)message!["message"]).ToList();
            Assert.True(stored.Count > 6);

            await Eventually.TrueAsync(() => receiver.Calls.Select(call => call.Id).Distinct().Count() == stored.Count, () => $"{receiver.Calls.Count} of {stored.Count}");

            // By its first arrival each; a repeat is known by its id, and is what it was.
            Assert.Equal(stored, receiver.Calls.DistinctBy(call => call.Id).Select(call => call.Text));
            Assert.All(receiver.Calls.GroupBy(call => call.Id), tries => Assert.Single(tries.Select(call => call.Body).Distinct()));
        }
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task A_worker_delivers_tests_and_is_counted_for_a_site_that_does_not()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        (string, string)[] settings = [("DATABASE_URL", await TestDatabase.CreateAsync()), ("WEBHOOK_ALLOW_PRIVATE", "on"), ("URLS", "http://127.0.0.1:0"), .. SharedServer.NoLimits];
        await using var site = await TestServer.StartAsync(settings, works: false);
        using var alice = await HookOwner.CreateAsync(site, receiver);
        await alice.SayAsync("one");
        await alice.PostAsync("test");
        Assert.Empty(receiver.Calls);

        await using var worker = await ProgramProcess.ListenAsync(["serve", "--role", "worker"], settings);
        var calls = await receiver.WaitAsync(2);

        Assert.Equal(["message", "test"], calls.Select(call => (string?)call.Json["type"]).Order());
        using var collector = new HttpClient { BaseAddress = worker.Address };
        var metrics = await collector.GetStringAsync(new Uri("/metrics", UriKind.Relative), Ct);
        Assert.Contains("teahouse_writer_queue", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("teahouse_sockets", metrics, StringComparison.Ordinal);
    }

    private static async Task<HttpClient> ClientAsync(Uri address, string data)
    {
        var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", await File.ReadAllTextAsync(Path.Combine(data, "token"), Ct));
        return client;
    }
}
