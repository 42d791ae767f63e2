using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Teahouse.Jobs;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Retention;

[Trait("Speed", "Medium")]
public sealed class RemoveOldMessagesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact, Trait("Database", "Both")]
    public async Task Old_messages_leave_their_numbers_and_nothing_else()
    {
        var clock = new ShiftedClock { Offset = -TimeSpan.FromDays(40) };
        await using var server = await TestServer.StartAsync([("RETENTION_DAYS", "30"), .. SharedServer.NoLimits], clock: clock);
        using var alice = await server.CreateBotAsync("alice");
        (await alice.PostAsJsonAsync("/api/v1/rooms", new { name = "den", access = "members" }, Ct)).EnsureSuccessStatusCode();
        // More than one batch.
        for (var i = 1; i <= 230; i++)
        {
            await SayAsync(alice, $"old secret {i}");
        }
        clock.Offset = TimeSpan.Zero;
        await SayAsync(alice, "new");
        await using var reader = await SocketClient.ConnectAsync(server, "/ws/chat/den/", SocketClient.V1, await server.SignInCookiesAsync("alice"));
        await reader.ReceiveAsync("subscribed");

        await RunAsync(server);

        var live = await reader.ReceiveAsync(frame => (string?)frame["type"] == "message" && (bool?)frame["deleted"] == true);
        Assert.Equal("", (string?)live["message"]);
        List<JsonNode> all = [];
        for (var more = true; more;)
        {
            var page = await alice.GetFromJsonAsync<JsonObject>(new Uri($"/api/v1/rooms/den/messages?limit=200&after={all.LastOrDefault()?["seq"] ?? 0}", UriKind.Relative), Ct);
            all.AddRange(page!["messages"]!.AsArray()!);
            more = (bool)page["has_more"]!;
        }
        Assert.Equal(Enumerable.Range(1, all.Count).Select(n => (long)n), all.Select(message => (long)message["seq"]!));
        var texts = all.Where(message => (string?)message["kind"] == "text").ToList();
        Assert.Equal(231, texts.Count);
        Assert.All(texts.SkipLast(1), message => Assert.Equal((true, ""), ((bool?)message["deleted"], (string?)message["message"])));
        Assert.Equal("new", (string?)texts[^1]["message"]);
        Assert.All(all.Where(message => (string?)message["kind"] == "system"), message => Assert.NotEqual(true, (bool?)message["deleted"]));
        var log = await server.Get<Db>().ReadAsync(session => session.QueryAsync<string>("SELECT detail FROM audit_log WHERE action = 'messages_expired' AND target = 'den' ORDER BY id"), Ct);
        Assert.Equal(230, log.Sum(line => int.Parse(line.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)));
        Assert.True(log.Count > 1);

        // A second night has nothing to do.
        await RunAsync(server);
        Assert.Equal(log.Count, await CountAsync(server));
    }

    [Fact]
    public async Task A_night_with_nothing_to_remove_does_not_even_wait_for_a_turn_at_writing()
    {
        await using var server = await TestServer.StartAsync([("RETENTION_DAYS", "30")]);
        using var alice = await server.CreateBotAsync("alice");
        (await alice.PostAsJsonAsync("/api/v1/rooms", new { name = "den", access = "members" }, Ct)).EnsureSuccessStatusCode();
        await SayAsync(alice, "new");

        await using var held = await Messages.HeldWriter<int>.HoldAsync(server);

        await RunAsync(server).WaitAsync(TimeSpan.FromSeconds(60), Ct);
    }

    [Fact]
    public async Task A_room_keeps_messages_for_as_long_as_its_owner_says_and_never_longer_than_the_site()
    {
        var clock = new ShiftedClock { Offset = -TimeSpan.FromDays(10) };
        await using var server = await TestServer.StartAsync(clock: clock);
        using var alice = await server.CreateBotAsync("alice");
        foreach (var room in new[] { "den", "hall" })
        {
            (await alice.PostAsJsonAsync("/api/v1/rooms", new { name = room, access = "members" }, Ct)).EnsureSuccessStatusCode();
            await SayAsync(alice, "old", room);
        }
        clock.Offset = TimeSpan.Zero;
        using var browser = await server.SignInAsync("alice");

        using var changed = await browser.PostFormAsync("/room/den/settings/", ("act", "retention"), ("days", "7"));
        await RunAsync(server);

        Assert.Equal(HttpStatusCode.SeeOther, changed.StatusCode);
        Assert.Equal("", await LastTextAsync(alice, "den"));
        Assert.Equal("old", await LastTextAsync(alice, "hall"));
        Assert.Matches("<option value=\"7\" selected", await browser.GetStringAsync(new Uri("/room/den/settings/", UriKind.Relative), Ct));
        using var back = await browser.PostFormAsync("/room/den/settings/", ("act", "retention"), ("days", "0"));
        Assert.Equal(HttpStatusCode.SeeOther, back.StatusCode);
    }

    [Theory]
    [InlineData("moderator", "30", HttpStatusCode.Forbidden)]
    [InlineData("member", "30", HttpStatusCode.NotFound)]
    [InlineData("owner", "-1", HttpStatusCode.BadRequest)]
    [InlineData("owner", "99999", HttpStatusCode.BadRequest)]
    public async Task Only_owners_choose_and_only_days(string role, string days, HttpStatusCode expected)
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("den", "members");
        var bob = await server.AddUserAsync("bob");
        await alice.PostFormAsync("/room/den/settings/", ("act", "add"), ("username", "bob"));
        await alice.PostFormAsync("/room/den/settings/", ("act", "role"), ("user_id", bob.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("role", role == "moderator" ? "moderator" : "member"));
        using var browser = await server.SignInAsync(role == "owner" ? "alice" : "bob");

        using var answer = await browser.PostFormFromAsync("/", "/room/den/settings/", ("act", "retention"), ("days", days));

        Assert.Equal(expected, answer.StatusCode);
        Assert.Null(await server.Get<Db>().ReadAsync(session => session.GetAsync<long?>("SELECT retention_days FROM rooms WHERE name = 'den'"), Ct));
    }

    [Fact]
    public async Task What_a_webhook_has_not_got_yet_waits_for_it_but_not_for_ever()
    {
        var clock = new ShiftedClock { Offset = -TimeSpan.FromDays(20) };
        await using var receiver = await WebhookReceiver.StartAsync();
        receiver.AnswerWith(500);
        await using var server = await TestServer.StartAsync([("RETENTION_DAYS", "7"), ("RETENTION_SINK_DAYS", "30"), ("WEBHOOK_ALLOW_PRIVATE", "on"), ("SINK_RETRY_SECONDS", "0.05"), ("WEBHOOK_GIVE_UP_SECONDS", "31536000")], clock: clock);
        using var alice = await HookOwner.CreateAsync(server, receiver);
        await alice.SayAsync("undelivered");
        await receiver.WaitAsync(1);
        await Eventually.TrueAsync(async () => (string?)(await alice.GetAsync())["state"] == "failing");

        clock.Offset = TimeSpan.Zero;
        await RunAsync(server);
        Assert.Equal("undelivered", await LastTextAsync(alice.Client, "den"));

        clock.Offset = TimeSpan.FromDays(15);
        await RunAsync(server);
        Assert.Equal("", await LastTextAsync(alice.Client, "den"));
    }

    private static Task RunAsync(TestServer server) => server.App.Services.GetServices<IScheduledWork>().Single(work => work.Name == "old-messages").RunAsync(Ct);

    private static Task<long> CountAsync(TestServer server) =>
        server.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM audit_log WHERE action = 'messages_expired'"), Ct);

    private static async Task SayAsync(HttpClient client, string text, string room = "den") =>
        (await client.PostAsJsonAsync($"/api/v1/rooms/{room}/messages", new { message = text }, Ct)).EnsureSuccessStatusCode();

    private static async Task<string?> LastTextAsync(HttpClient client, string room)
    {
        var page = await client.GetFromJsonAsync<JsonObject>(new Uri($"/api/v1/rooms/{room}/messages", UriKind.Relative), Ct);
        return (string?)page!["messages"]!.AsArray().Last(message => (string?)message!["kind"] == "text")!["message"];
    }
}
