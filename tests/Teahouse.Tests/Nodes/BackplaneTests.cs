using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Teahouse.Realtime;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Nodes;

/// <summary>What happens on one node is seen on the other: at once by Redis, a moment later without.</summary>
[Trait("Speed", "Medium")]
public sealed class BackplaneTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_typing_coming_and_reading_pass_from_node_to_node()
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis: true);
        var (alice, bob) = (await nodes.A.SignInCookiesAsync("alice"), await nodes.A.SignInCookiesAsync("bob"));
        await using var a = await TwoNodes.EnterAsync(nodes.A, alice, "tea");
        await using var b = await TwoNodes.EnterAsync(nodes.B, bob, "tea");

        // The first message makes the room, which no node knew.
        await a.SendAsync(new { type = "send", room = "tea", message = "one", nonce = "n1" });
        var one = await b.ReceiveAsync("message");
        await a.SendAsync(new { type = "typing", room = "tea" });
        var typing = await b.ReceiveAsync("typing");
        var coming = await a.ReceiveAsync(frame => (string?)frame["type"] == "presence" && (string?)frame["user"] == "bob");
        await b.SendAsync(new { type = "read", room = "tea", seq = 1 });
        var read = await a.ReceiveAsync(frame => (string?)frame["type"] == "read" && (string?)frame["user"] == "bob");

        Assert.Equal(("one", 1), ((string?)one["message"], (int?)one["seq"]));
        Assert.Equal("alice", (string?)typing["user"]);
        Assert.Equal((true, 2), ((bool?)coming["online"], (int?)coming["members_online"]));
        Assert.Equal(1, (int?)read["seq"]);
    }

    [Fact]
    public async Task Many_messages_from_both_sides_are_one_history_in_one_order_everywhere()
    {
        const int Each = 200;
        await using var nodes = await TwoNodes.StartAsync(withRedis: true, ("LIMIT_MESSAGES_PER_SECOND", "0"));
        var (alice, bob) = (await nodes.A.SignInCookiesAsync("alice"), await nodes.A.SignInCookiesAsync("bob"));
        await using var a = await TwoNodes.EnterAsync(nodes.A, alice, "tea");
        await using var b = await TwoNodes.EnterAsync(nodes.B, bob, "tea");

        await Task.WhenAll(SayAsync(a, "a"), SayAsync(b, "b"));
        var (seenByB, seenByA) = (await ReadAsync(b), await ReadAsync(a));

        Assert.Equal(Enumerable.Range(1, 2 * Each), seenByA.Select(message => (int)message["seq"]!));
        Assert.Equal(seenByA.Select(message => (string?)message["message"]), seenByB.Select(message => (string?)message["message"]));

        static async Task SayAsync(SocketClient socket, string name)
        {
            for (var i = 0; i < Each; i++)
            {
                await socket.SendAsync(new { type = "send", room = "tea", message = $"{name}{i}", nonce = $"{name}{i}" });
            }
        }

        static async Task<List<JsonObject>> ReadAsync(SocketClient socket)
        {
            List<JsonObject> messages = [];
            while (messages.Count < 2 * Each)
            {
                var frame = await socket.ReceiveAsync(frame => (string?)frame["type"] is "message" or "error");
                Assert.Equal("message", (string?)frame["type"] is "error" ? frame.ToJsonString() : "message");
                messages.Add(frame);
            }
            return messages;
        }
    }

    [Fact]
    public Task Without_Redis_the_other_node_is_at_most_two_seconds_late() => Promptly.KeptAsync(async () =>
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis: false);
        var (alice, bob) = (await nodes.A.SignInCookiesAsync("alice"), await nodes.A.SignInCookiesAsync("bob"));
        await using var a = await TwoNodes.EnterAsync(nodes.A, alice, "tea");
        await using var b = await TwoNodes.EnterAsync(nodes.B, bob, "tea");

        await a.SendAsync(new { type = "send", room = "tea", message = "one", nonce = "one" });
        await a.ReceiveAsync("ack");
        var began = Stopwatch.GetTimestamp();
        var seen = await b.ReceiveAsync("message");
        var took = Stopwatch.GetElapsedTime(began);

        Assert.Equal("one", (string?)seen["message"]);
        return Promptly.Judge("the message", took, TimeSpan.FromSeconds(2));
    });

    [Theory]
    [InlineData("killed")]
    [InlineData("cut off")]
    [InlineData("cut off from the sender")]
    public Task While_Redis_is_gone_nothing_is_lost_and_little_is_late(string how) => Promptly.KeptAsync(async () =>
    {
        string? late = null;
        await using var nodes = await TwoNodes.StartAsync(withRedis: true);
        var (alice, bob) = (await nodes.A.SignInCookiesAsync("alice"), await nodes.A.SignInCookiesAsync("bob"));
        await using var a = await TwoNodes.EnterAsync(nodes.A, alice, "tea");
        await using var b = await TwoNodes.EnterAsync(nodes.B, bob, "tea");
        switch (how)
        {
            case "killed":
                await nodes.Redis!.KillAsync();
                break;
            case "cut off":
                nodes.Gates[0].Shut();
                nodes.Gates[1].Shut();
                break;
            default:
                nodes.Gates[0].Shut();
                break;
        }

        for (var i = 1; i <= 4; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await a.SendAsync(new { type = "send", room = "tea", message = $"m{i}", nonce = $"m{i}" });
            await a.ReceiveAsync("ack");
            late ??= Promptly.Judge($"the ack of m{i}", Stopwatch.GetElapsedTime(began), TimeSpan.FromSeconds(2));
            began = Stopwatch.GetTimestamp();
            Assert.Equal(i, (int?)(await b.ReceiveAsync("message"))["seq"]);
            late ??= Promptly.Judge($"m{i}", Stopwatch.GetElapsedTime(began), TimeSpan.FromSeconds(3));
        }
        if (how == "killed")
        {
            await nodes.Redis!.StartAgainAsync();
        }
        nodes.Gates[0].Open();
        nodes.Gates[1].Open();
        await nodes.HeardAsync();
        await a.SendAsync(new { type = "send", room = "tea", message = "again", nonce = "again" });

        Assert.Equal(5, (int?)(await b.ReceiveAsync("message"))["seq"]);
        await a.SendAsync(new { type = "typing", room = "tea" });
        await b.ReceiveAsync("typing");
        return late;
    });

    [Fact]
    public async Task Dropped_subscriptions_come_back_and_nothing_is_missed()
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis: true);
        var (alice, bob) = (await nodes.A.SignInCookiesAsync("alice"), await nodes.A.SignInCookiesAsync("bob"));
        await using var a = await TwoNodes.EnterAsync(nodes.A, alice, "tea");
        await using var b = await TwoNodes.EnterAsync(nodes.B, bob, "tea");
        for (var i = 1; i <= 5; i++)
        {
            await nodes.Redis!.ExecuteAsync("CLIENT KILL TYPE pubsub");
            await a.SendAsync(new { type = "send", room = "tea", message = $"m{i}", nonce = $"m{i}" });

            Assert.Equal(i, (int?)(await b.ReceiveAsync("message"))["seq"]);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task Who_is_signed_out_on_one_node_is_out_on_the_other(bool withRedis) => Promptly.KeptAsync(async () =>
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis);
        var alice = await nodes.A.SignInCookiesAsync("alice");
        await using var socket = await TwoNodes.EnterAsync(nodes.B, alice, "tea");
        using var page = nodes.B.CreateClient(TwoNodes.At(nodes.B, alice));
        Assert.Equal(HttpStatusCode.OK, (await page.GetAsync(new Uri("/settings/", UriKind.Relative), Ct)).StatusCode);
        using var elsewhere = nodes.A.CreateClient(alice);

        var began = Stopwatch.GetTimestamp();
        await elsewhere.PostFormFromAsync("/settings/", "/logout/");

        Assert.Equal(4501, await socket.ReceiveCloseAsync());
        Assert.Equal(HttpStatusCode.Found, (await page.GetAsync(new Uri("/settings/", UriKind.Relative), Ct)).StatusCode);
        return Promptly.Judge("the sign-out", Stopwatch.GetElapsedTime(began), TimeSpan.FromSeconds(withRedis ? 2 : 5));
    });

    [Fact]
    public async Task Tries_to_sign_in_are_counted_together()
    {
        // So few that none comes back within half a minute, however slow the machine.
        await using var nodes = await TwoNodes.StartAsync(withRedis: true, ("LIMIT_LOGINS_PER_MINUTE", "2"));
        await nodes.A.AddUserAsync("alice");
        using var a = nodes.A.CreateClient();
        using var b = nodes.B.CreateClient();
        ConcurrentQueue<string> told = [];
        nodes.B.Get<SharedCounts>().Share("test", (key, _) => told.Enqueue(key));

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await a.PostFormAsync("/login/", ("username", "alice"), ("password", "wrong"))).StatusCode);
        }
        nodes.A.Get<SharedCounts>().Count("test", "the end");
        await Eventually.TrueAsync(() => told.Contains("the end"));

        // Its first: those of the other node alone have used them up.
        Assert.Equal(HttpStatusCode.TooManyRequests, (await b.PostFormAsync("/login/", ("username", "alice"), ("password", "wrong"))).StatusCode);
    }

    [Theory]
    [InlineData("bob\nlogins 100 alice")]
    [InlineData("bob\",\"Count\":1},{\"Limit\":\"logins\",\"Key\":\"alice\",\"Count\":100},{\"Limit\":\"logins\",\"Key\":\"bob")]
    public async Task A_name_that_is_typed_uses_up_nobody_elses_tries(string name)
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis: true, ("LIMIT_LOGINS_PER_MINUTE", "100"));
        await nodes.A.AddUserAsync("alice");
        using var a = nodes.A.CreateClient();
        using var b = nodes.B.CreateClient();
        ConcurrentQueue<string> told = [];
        nodes.B.Get<SharedCounts>().Share("test", (key, _) => told.Enqueue(key));

        await a.PostFormAsync("/login/", ("username", name), ("password", "wrong"));
        nodes.A.Get<SharedCounts>().Count("test", "the end");
        await Eventually.TrueAsync(() => told.Contains("the end"));

        Assert.Equal(HttpStatusCode.Found, (await b.PostFormAsync("/login/", ("username", "alice"), ("password", TestAccounts.Password))).StatusCode);
    }

    [Theory]
    [InlineData("ban", 4503)]
    [InlineData("deletion", 4504)]
    [InlineData("a new password", 4501)]
    public async Task Whoever_is_put_out_on_one_node_is_out_on_the_other(string cause, int code)
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis: true);
        using var alice = await nodes.A.SignInAsync("alice");
        await alice.CreateRoomAsync("den", "private");
        var cookies = await nodes.A.SignInCookiesAsync("bob");
        await alice.PostFormAsync("/room/den/settings/", ("act", "add"), ("username", "bob"));
        await using var socket = await TwoNodes.EnterAsync(nodes.B, cookies, "den");
        using var elsewhere = await nodes.A.SignInAsync("bob");

        using var answer = cause switch
        {
            "ban" => await alice.PostFormAsync("/room/den/settings/", ("act", "ban"), ("ban_username", "bob")),
            "deletion" => await alice.PostFormAsync("/room/den/settings/", ("act", "delete"), ("typed_name", "den")),
            _ => await elsewhere.PostFormAsync("/settings/",
                ("act", "password"), ("old_password", TestAccounts.Password), ("new_password1", "quite another phrase"), ("new_password2", "quite another phrase")),
        };

        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal(code, await socket.ReceiveCloseAsync());
    }

    [Fact]
    public async Task Who_was_on_a_node_that_stops_is_away_soon()
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis: true);
        var (alice, bob) = (await nodes.A.SignInCookiesAsync("alice"), await nodes.A.SignInCookiesAsync("bob"));
        await using var b = await TwoNodes.EnterAsync(nodes.B, bob, "tea");
        await using var a = await TwoNodes.EnterAsync(nodes.A, alice, "tea");
        await b.ReceiveAsync(frame => (string?)frame["type"] == "presence" && (string?)frame["user"] == "alice" && (bool)frame["online"]!);

        await nodes.A.App.StopAsync(Ct);

        var away = await b.ReceiveAsync(frame => (string?)frame["type"] == "presence" && (string?)frame["user"] == "alice" && !(bool)frame["online"]!);
        Assert.Equal(1, (int?)away["members_online"]);
    }

    [Fact]
    public async Task What_is_followed_while_Redis_is_away_is_heard_when_it_is_back()
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis: true);
        var (a, b) = (nodes.A.Get<IBackplane>(), nodes.B.Get<IBackplane>());
        ConcurrentDictionary<string, bool> heard = new();
        b.Published += (topic, _) => heard[topic.Value] = true;
        await nodes.Redis!.KillAsync();
        await Eventually.TrueAsync(() => !b.IsHeard);

        // At every moment between two tries to connect.
        var topics = Enumerable.Range(0, 40).Select(i => new Topic($"test:{i}")).ToList();
        foreach (var topic in topics)
        {
            await b.FollowAsync(topic);
            await Task.Delay(TimeSpan.FromMilliseconds(100), Ct);
        }
        await nodes.Redis!.StartAgainAsync();
        await nodes.HeardAsync();

        foreach (var topic in topics)
        {
            await Eventually.TrueAsync(() =>
            {
                a.Publish(topic, [new EncodedEvent(0, default, default)]);
                return heard.ContainsKey(topic.Value);
            }, () => $"{topic} is not followed.");
        }
    }
}
