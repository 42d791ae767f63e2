using System.Collections.Concurrent;
using System.Text;
using StackExchange.Redis;
using Teahouse.Realtime;
using Teahouse.Tests.Support;
using Teahouse.Web;

namespace Teahouse.Tests.Nodes;

/// <summary>What one node stores together it tells the others together: each message through Redis takes its time at every node.</summary>
[Trait("Speed", "Medium")]
public sealed class TogetherTests
{
    private const int Count = 12;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    // One, unless the publisher was at work already.
    [InlineData(10, 1, 4)]
    // So much is no longer one.
    [InlineData(4000, 2, 6)]
    public async Task What_comes_in_one_piece_goes_through_Redis_in_few_and_is_told_in_its_order(int length, int least, int most)
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis: true, [.. SharedServer.NoLimits, ("FAST_TRANSPORT", "on")]);
        var options = RedisOptions.For(RedisUrl.Parse("url", nodes.Redis!.Url));
        options.BacklogPolicy = BacklogPolicy.Default;
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        ConcurrentQueue<string> passed = new();
        (await redis.GetSubscriber().SubscribeAsync(RedisChannel.Pattern("teahouse:*"))).OnMessage(message => passed.Enqueue(Encoding.UTF8.GetString((byte[])message.Message!)));
        await using var bob = await SocketClient.ConnectAsync(nodes.B.Address, "/ws/chat/r/");
        await using var alice = await RawSocket.ConnectAsync(nodes.A.Address, "/ws/chat/r/");
        // The first makes the room, and the second finds it: nothing has to be looked up for those behind them.
        await SayAsync(alice, bob, ["first"]);
        await SayAsync(alice, bob, ["second"]);

        await SayAsync(alice, bob, [.. Enumerable.Range(0, Count).Select(i => $"{i}".PadLeft(length, '*'))]);

        Assert.InRange(passed.Count(message => message.Contains("**", StringComparison.Ordinal)), least, most);
    }

    /// <summary>Sends all in one piece; the other node's reader gets them in their order.</summary>
    private static async Task SayAsync(RawSocket from, SocketClient to, IReadOnlyList<string> texts)
    {
        await from.SayAsync(texts);
        foreach (var text in texts)
        {
            Assert.Equal(text, (string?)(await to.ReceiveAsync(frame => frame["message"] is not null))["message"]);
        }
    }
}
