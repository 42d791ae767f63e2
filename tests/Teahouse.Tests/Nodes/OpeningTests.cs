using Teahouse.Tests.Support;

namespace Teahouse.Tests.Nodes;

/// <summary>A socket that is open, but has not joined its room yet: its node still asks Redis or the database.</summary>
[Trait("Speed", "Medium")]
public sealed class OpeningTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_said_while_it_joins_reaches_a_client_that_knows_no_history(bool isNewRoom)
    {
        await using var nodes = await TwoNodes.StartAsync(withRedis: true);
        await using var there = await SocketClient.ConnectAsync(nodes.B, "/ws/chat/tea/");
        if (!isNewRoom)
        {
            await SayAsync(there, "before");
        }

        // Its node waits for Redis to take its subscription, for a while.
        nodes.Gates[0].Shut();
        await using var here = await SocketClient.ConnectAsync(nodes.A, "/ws/chat/tea/");
        await SayAsync(there, "one");
        await SayAsync(there, "two");
        var (one, two) = (await here.ReceiveAsync(), await here.ReceiveAsync());
        nodes.Gates[0].Open();

        Assert.Equal(("one", "two"), ((string?)one["message"], (string?)two["message"]));
    }

    private static async Task SayAsync(SocketClient socket, string text)
    {
        await socket.SendAsync(new { message = text });
        await socket.ReceiveAsync(frame => (string?)frame["message"] == text);
    }
}
