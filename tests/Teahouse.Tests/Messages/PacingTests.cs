using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

/// <summary>Clients that heed <c>retry_ms</c>, guests' smaller share, and how many rooms a socket may listen to.</summary>
[Trait("Speed", "Medium")]
public sealed class PacingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_waits_as_told_is_never_closed_and_gets_the_rate_that_is_set()
    {
        // Fewer than frames of any kind are counted for: see below.
        const int Hasty = 8;
        await using var server = await TestServer.StartAsync([("LIMIT_GUEST_MESSAGES_PER_SECOND", "100"), ("LIMIT_GUEST_MESSAGES_BURST", "1")]);
        await using var client = await SocketClient.ConnectAsync(server, "/ws/chat/r/", SocketClient.V1);
        await client.ReceiveAsync("subscribed");
        // There is a limit, which a slow machine might never come near one by one.
        for (var i = 0; i < Hasty; i++)
        {
            await client.SendAsync(new { type = "send", room = "r", message = $"hasty {i}", nonce = $"hasty {i}" });
        }
        List<string?> answers = [];
        for (var i = 0; i < Hasty; i++)
        {
            answers.Add((string?)(await client.ReceiveAsync(frame => (string?)frame["type"] is "ack" or "error"))["type"]);
        }
        Assert.Contains("error", answers);
        var refused = 0;
        for (var i = 0; i < 150; i++)
        {
            while (true)
            {
                await client.SendAsync(new { type = "send", room = "r", message = $"m{i}", nonce = $"{i}" });
                var answer = await client.ReceiveAsync(frame => (string?)frame["type"] is "ack" or "error");
                if ((string?)answer["type"] == "ack")
                {
                    break;
                }
                Assert.Equal("rate_limited", (string?)answer["code"]);
                Assert.Equal($"{i}", (string?)answer["nonce"]);
                refused++;
                await Task.Delay(TimeSpan.FromMilliseconds((int)answer["retry_ms"]! + 1), Ct);
            }
        }

        // One wait for each message is what the rate asks for; a bucket filled by a slow timer would ask for ten.
        Assert.InRange(refused, 0, 300);
    }

    [Fact]
    public async Task Frames_of_any_kind_are_counted_and_the_refusal_says_which()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_GUEST_MESSAGES_PER_SECOND", "1"), ("LIMIT_GUEST_MESSAGES_BURST", "1")]);
        await using var client = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1);
        await client.ReceiveAsync("hello");
        for (var i = 0; i < 30; i++)
        {
            await client.SendAsync(new { type = "subscribe", room = $"room{i}" });
        }

        var refused = await client.ReceiveAsync("error");

        Assert.Equal("rate_limited", (string?)refused["code"]);
        Assert.StartsWith("room", (string?)refused["room"], StringComparison.Ordinal);
        Assert.True((int)refused["retry_ms"]! > 0);
    }

    [Fact]
    public async Task A_socket_is_told_when_it_listens_to_as_many_rooms_as_it_may()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        await using var client = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1);
        for (var i = 0; i <= 2000; i++)
        {
            await client.SendAsync(new { type = "subscribe", room = $"r{i}" });
        }

        var refused = await client.ReceiveAsync("error");
        await client.SendAsync(new { type = "unsubscribe", room = "r0" });
        await client.SendAsync(new { type = "subscribe", room = "r2000" });
        await client.ReceiveAsync(frame => (string?)frame["type"] == "subscribed" && (string?)frame["room"] == "r2000");

        Assert.Equal(("rate_limited", "r2000"), ((string?)refused["code"], (string?)refused["room"]));
        Assert.True((int?)refused["retry_ms"] > 0);
    }
}
