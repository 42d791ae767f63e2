using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Teahouse.Accounts;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Nodes;

/// <summary>What happens on one node is seen on the other: at once by Redis, a moment later without.</summary>
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
        var (seenByA, seenByB) = (await ReadAsync(a), await ReadAsync(b));

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
                messages.Add(await socket.ReceiveAsync("message"));
            }
            return messages;
        }
    }

    [Fact]
    public async Task Without_Redis_the_other_node_is_at_most_two_seconds_late()
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis: false);

        await PassesWithinAsync(nodes, "one", TimeSpan.FromSeconds(2));
    }

    [Theory]
    [InlineData("killed")]
    [InlineData("cut off")]
    [InlineData("cut off from the sender")]
    public async Task While_Redis_is_gone_nothing_is_lost_and_little_is_late(string how)
    {
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
            Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 2);
            began = Stopwatch.GetTimestamp();
            Assert.Equal(i, (int?)(await b.ReceiveAsync("message"))["seq"]);
            Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, 3);
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
    }

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
    public async Task Who_is_signed_out_on_one_node_is_out_on_the_other(bool withRedis)
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
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, withRedis ? 2 : 5);
    }

    [Fact]
    public async Task Tries_to_sign_in_are_counted_together()
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis: true, ("LIMIT_LOGINS_PER_MINUTE", "5"));
        await nodes.A.AddUserAsync("alice");
        using var a = nodes.A.CreateClient();
        using var b = nodes.B.CreateClient();

        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await a.PostFormAsync("/login/", ("username", "alice"), ("password", "wrong"))).StatusCode);
        }

        await Eventually.TrueAsync(async () => (await b.PostFormAsync("/login/", ("username", "alice"), ("password", "wrong"))).StatusCode == HttpStatusCode.TooManyRequests);
        Assert.Throws<RefusedException>(() => nodes.B.Get<LoginThrottle>().CountLogin("alice", null));
    }

    private static async Task PassesWithinAsync(TwoNodes nodes, string text, TimeSpan time)
    {
        var (alice, bob) = (await nodes.A.SignInCookiesAsync("alice"), await nodes.A.SignInCookiesAsync("bob"));
        await using var a = await TwoNodes.EnterAsync(nodes.A, alice, "tea");
        await using var b = await TwoNodes.EnterAsync(nodes.B, bob, "tea");

        await a.SendAsync(new { type = "send", room = "tea", message = text, nonce = text });
        await a.ReceiveAsync("ack");
        var began = Stopwatch.GetTimestamp();
        var seen = await b.ReceiveAsync("message");

        Assert.Equal(text, (string?)seen["message"]);
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, time);
    }
}
