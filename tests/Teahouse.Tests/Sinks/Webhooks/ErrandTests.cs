using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Teahouse.Sinks.Webhooks;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Sinks.Webhooks;

/// <summary>What an owner has sent beside the order of the log, and what is known of it afterwards.</summary>
[Trait("Database", "Both"), Trait("Speed", "Medium")]
public sealed class ErrandTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_test_arrives_signed_and_is_in_the_list_with_its_answer()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.AnswerWith(200, "謝謝\0" + new string('x', 5000));
        await using var server = await StartAsync();
        using var alice = await HookOwner.CreateAsync(server, receiver);

        await alice.PostAsync("test");
        var call = (await receiver.WaitAsync(1))[0];
        var delivery = (await alice.WaitForDeliveriesAsync(1))[0]!;

        Assert.Equal("test", (string?)call.Json["type"]);
        Assert.Equal(["test", "WebhookVerificationError"], await VerifyAsync((alice.Secret, call), (WebhookSecret.MakeUp(), call)));
        Assert.Equal("application/json", call.Headers["content-type"]);
        Assert.Equal(("test", call.Id, 200, true), ((string?)delivery["kind"], (string?)delivery["webhook_id"], (int)delivery["status"]!, (bool)delivery["delivered"]!));
        var answer = (string)delivery["answer"]!;
        Assert.StartsWith("謝謝\uFFFDxxx", answer, StringComparison.Ordinal);
        Assert.Equal(1024, System.Text.Encoding.UTF8.GetByteCount(answer) - 2);
    }

    [Fact]
    public async Task Both_secrets_are_good_while_they_are_exchanged()
    {
        var clock = new ShiftedClock();
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var server = await StartAsync(clock: clock);
        using var alice = await HookOwner.CreateAsync(server, receiver);
        var old = alice.Secret;

        var rotated = await alice.PostAsync("rotate");
        await alice.PostAsync("test");
        var during = (await receiver.WaitAsync(1))[0];
        clock.Offset = TimeSpan.FromHours(25);
        await alice.PostAsync("test");
        var after = (await receiver.WaitAsync(2))[1];

        var made = (string)rotated["secret"]!;
        Assert.NotEqual(old, made);
        Assert.Equal(2, during.Headers["webhook-signature"].Split(' ').Length);
        Assert.Equal(["test", "test"], await VerifyAsync((old, during), (made, during)));
        // Its own time is ahead, so only which secret signed is looked at.
        Assert.Single(after.Headers["webhook-signature"].Split(' '));
        Assert.NotEqual(during.Headers["webhook-signature"], after.Headers["webhook-signature"]);
    }

    [Fact]
    public async Task A_range_is_sent_once_more_in_order_by_the_same_ids()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var server = await StartAsync();
        using var alice = await HookOwner.CreateAsync(server, receiver, registersLate: true);
        List<long> ids = [];
        for (var i = 0; i < 120; i++)
        {
            ids.Add(await alice.SayAsync($"m{i}"));
        }
        await alice.RegisterAsync();

        await alice.PostAsync("replay", new { first = ids[10], last = ids[109] });
        await receiver.WaitAsync(100);
        await alice.WaitForDeliveriesAsync(100);
        var deliveries = await alice.WaitForDeliveriesAsync(100);
        await alice.PostAsync("replay", new { delivery = (long)deliveries[0]!["id"]! });
        var calls = await receiver.WaitAsync(101);

        Assert.Equal(Enumerable.Range(10, 100).Select(i => $"m{i}"), calls.Take(100).Select(call => call.Text));
        Assert.Equal((calls[99].Id, calls[99].Body), (calls[100].Id, calls[100].Body));
        Assert.Equal(100, calls.Take(100).Select(call => call.Id).Distinct().Count());
        Assert.Equal(1, receiver.MostAtOnce);
        // The last hundred.
        await Eventually.TrueAsync(async () => (long)(await alice.ListDeliveriesAsync())[0]!["id"]! != (long)deliveries[0]!["id"]!);
        Assert.Equal(100, (await alice.ListDeliveriesAsync()).Count);
    }

    [Fact]
    public async Task What_its_owner_may_not_read_any_more_is_not_sent()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var server = await StartAsync();
        using var bob = await server.CreateBotAsync("bob", "admin");
        using var alice = await HookOwner.CreateAsync(server, receiver, registersLate: true);
        (await bob.PostAsJsonAsync("/api/v1/rooms", new { name = "bobs", access = "private" }, Ct)).EnsureSuccessStatusCode();
        (await bob.PutAsJsonAsync("/api/v1/rooms/bobs/members/alice", new { }, Ct)).EnsureSuccessStatusCode();
        var first = await alice.SayAsync("mine");
        using var said = await bob.PostAsJsonAsync("/api/v1/rooms/bobs/messages", new { message = "bob's" }, Ct);
        var last = await alice.SayAsync("mine too");
        await alice.RegisterAsync("den", "bobs");
        (await bob.DeleteAsync("/api/v1/rooms/bobs/members/alice", Ct)).EnsureSuccessStatusCode();

        await alice.PostAsync("replay", new { first, last });
        var calls = await receiver.WaitAsync(2);
        await alice.WaitForDeliveriesAsync(2);

        Assert.Equal(["mine", "mine too"], calls.Select(call => call.Text));
    }

    [Fact]
    public async Task A_replay_that_fails_is_tried_again_and_given_up_where_it_stands()
    {
        var clock = new ShiftedClock();
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.AnswerWith(500, "broken");
        await using var server = await StartAsync(clock: clock);
        using var alice = await HookOwner.CreateAsync(server, receiver, registersLate: true);
        var first = await alice.SayAsync("one");
        var last = await alice.SayAsync("two");
        await alice.RegisterAsync();

        await alice.PostAsync("replay", new { first, last });
        for (var tries = 1; tries <= 3; tries++)
        {
            await Eventually.TrueAsync(async () => Replays(await alice.ListDeliveriesAsync()).Count == tries);
            clock.Offset += TimeSpan.FromMinutes(5);
            // Something new wakes who sleeps.
            await alice.PostAsync("test");
        }
        var replays = Replays(await alice.WaitForDeliveriesAsync(6));

        Assert.Equal([3, 2, 1], replays.Select(delivery => (int)delivery!["attempt"]!));
        Assert.All(replays, delivery => Assert.Equal((first, 500), ((long)delivery!["message_id"]!, (int)delivery["status"]!)));

        static List<JsonNode?> Replays(JsonArray deliveries) => [.. deliveries.Where(delivery => (string?)delivery!["kind"] == "replay")];
    }

    [Theory]
    [InlineData("redirect", 302, null)]
    [InlineData("slow", null, "timeout")]
    [InlineData("cut", null, "broken")]
    [InlineData("endless", 200, null)]
    public async Task A_receiver_that_misbehaves_is_told_as_it_is(string how, int? status, string? error)
    {
        await using var elsewhere = await WebhookReceiver.StartAsync();
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.Answer = async (context, _) =>
        {
            switch (how)
            {
                case "redirect":
                    context.Response.Redirect(elsewhere.Address.ToString());
                    break;
                case "slow":
                    await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
                    break;
                case "cut":
                    context.Abort();
                    break;
                default:
                    while (!context.RequestAborted.IsCancellationRequested)
                    {
                        await context.Response.WriteAsync(new string('x', 10_000));
                    }
                    break;
            }
        };
        // Only who is slow is to be found so: a busy machine is, too.
        await using var server = await StartAsync([("WEBHOOK_TIMEOUT_SECONDS", how == "slow" ? "0.5" : "20")]);
        using var alice = await HookOwner.CreateAsync(server, receiver);

        await alice.PostAsync("test");
        var delivery = (await alice.WaitForDeliveriesAsync(1))[0]!;

        Assert.Equal((status, error), ((int?)delivery["status"], (string?)delivery["error"]));
        Assert.Empty(elsewhere.Calls);
    }

    [Theory]
    [InlineData("http://localhost:{0}/", "address_refused")]
    [InlineData("http://nowhere.invalid/", "no_such_host")]
    public async Task Nothing_is_sent_where_this_server_may_not_connect(string url, string error)
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        using var alice = await HookOwner.CreateAsync(server, new Uri(string.Format(System.Globalization.CultureInfo.InvariantCulture, url, receiver.Address.Port)));

        await alice.PostAsync("test");
        var delivery = (await alice.WaitForDeliveriesAsync(1))[0]!;

        Assert.Equal((null, error), ((int?)delivery["status"], (string?)delivery["error"]));
        Assert.Empty(receiver.Calls);
    }

    [Fact]
    public async Task An_address_that_is_none_to_connect_to_cannot_be_registered()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        using var alice = await HookOwner.PrepareAsync(server);
        string[] rooms = ["den"];
        foreach (var url in (string[])["http://127.0.0.1:1/", "http://0x7f.1/", "http://2130706433/", "http://[::1]/", "http://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest/meta-data/"])
        {
            using var response = await alice.Client.PostAsJsonAsync("/api/v1/webhooks", new { url, rooms }, Ct);

            Assert.Equal((url, HttpStatusCode.BadRequest, "private_address"), (url, response.StatusCode, (string?)(await response.Content.ReadFromJsonAsync<JsonObject>(Ct))!["code"]));
        }
    }

    [Fact]
    public async Task What_is_no_replay_is_refused()
    {
        await using var server = await StartAsync();
        using var alice = await HookOwner.CreateAsync(server, new Uri("http://nowhere.invalid/"));
        (string Body, int Status)[] calls =
            [("""{"first":5,"last":4}""", 400), ("""{"first":5}""", 400), ("""{"delivery":1,"first":1,"last":2}""", 400), ("""{}""", 400), ("""{"delivery":999}""", 404)];
        foreach (var (body, status) in calls)
        {
            using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

            using var response = await alice.Client.PostAsync($"/api/v1/webhooks/{alice.Id}/replay", content, Ct);

            Assert.Equal((body, status), (body, (int)response.StatusCode));
        }
    }

    internal static Task<TestServer> StartAsync(IEnumerable<(string Name, string Value)>? settings = null, TimeProvider? clock = null) =>
        TestServer.StartAsync([("WEBHOOK_ALLOW_PRIVATE", "on"), .. SharedServer.NoLimits, .. settings ?? []], clock: clock);

    /// <summary>What the library of receivers says to deliveries: their types, or the name of its error.</summary>
    internal static async Task<string[]> VerifyAsync(params (string Secret, ReceivedCall Call)[] deliveries)
    {
        using var node = Process.Start(new ProcessStartInfo("node", [Repository.PathOf("tests/Teahouse.Tests/Sinks/Webhooks/verify.mjs")])
        {
            WorkingDirectory = Repository.PathOf("."),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        await node.StandardInput.WriteAsync(JsonSerializer.Serialize(deliveries.Select(each => new { secret = each.Secret, headers = each.Call.Headers, body = each.Call.Body })));
        node.StandardInput.Close();
        var output = await node.StandardOutput.ReadToEndAsync(Ct);
        var errors = await node.StandardError.ReadToEndAsync(Ct);
        await node.WaitForExitAsync(Ct);
        Assert.True(node.ExitCode == 0, errors);
        return output.Trim().Split(' ');
    }
}
