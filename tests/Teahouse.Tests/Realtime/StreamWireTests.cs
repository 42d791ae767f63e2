using Teahouse.Realtime;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Realtime;

[Trait("Transport", "Any")]
public sealed class StreamWireTests
{
    [Fact]
    public void Dropping_a_socket_whose_request_has_just_ended_harms_nothing()
    {
        var wire = new StreamWire(Stream.Null, Stream.Null, () => throw new ObjectDisposedException("context"), TimeProvider.System);

        wire.Abort();
        wire.Abort();
    }

    [Theory]
    [InlineData("on")]
    [InlineData("off")]
    public async Task HTTP_has_ended_where_a_socket_is_open(string fast)
    {
        await using var server = await TestServer.StartAsync([("FAST_TRANSPORT", fast)]);
        using var client = server.CreateClient();
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/den/");

        // A request is counted when it is over, and with it goes what HTTP keeps for it.
        await Eventually.TrueAsync(async () => (await client.GetStringAsync(new Uri("/metrics", UriKind.Relative), TestContext.Current.CancellationToken)).Split('\n')
            .Any(line => line.StartsWith("http_server_request_duration_seconds_count{", StringComparison.Ordinal) && line.Contains("/ws/chat/{room}", StringComparison.Ordinal)));

        await socket.SendAsync(new { message = "還在", username = "小美" });
        Assert.Equal("還在", (string?)(await socket.ReceiveAsync())["message"]);
    }
}
