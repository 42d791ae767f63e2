using System.Net;
using System.Text;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Realtime;

/// <summary>Promise 5 before there is a socket: requests that never end, or never begin (slowloris).</summary>
[Trait("Speed", "Medium")]
public sealed class SlowHandshakeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_that_are_never_finished_are_ended_and_others_are_served_meanwhile()
    {
        await using var server = await TestServer.StartAsync([.. SharedServer.NoLimits, ("REQUEST_HEADERS_SECONDS", "1"), ("REQUEST_IDLE_SECONDS", "1.5"), ("LIMIT_SOCKETS", "1")]);
        using var http = server.CreateClient();
        var upgrade = RawSocket.Handshake(server.Address, "/ws/chat/r/");
        byte[][] beginnings =
        [
            [],
            "G"u8.ToArray(),
            "GET / HT"u8.ToArray(),
            "GET / HTTP/1.1\r\nHost: "u8.ToArray(),
            upgrade[..60],
            upgrade[..^2],
            upgrade[..^1],
        ];
        // Fifty of each, and all keep their connection open.
        List<RawSocket> slow = [];
        foreach (var beginning in Enumerable.Repeat(beginnings, 50).SelectMany(all => all))
        {
            var socket = await RawSocket.DialAsync(server.Address);
            await socket.SendAsync(beginning);
            slow.Add(socket);
        }
        var ends = slow.ConvertAll(socket => socket.ReadToEndAsync());

        // None of them has a socket's place.
        await using (var other = await RawSocket.ConnectAsync(server.Address, "/ws/chat/r/"))
        {
            Assert.StartsWith("HTTP/1.1 101", other.Answer, StringComparison.Ordinal);
            do
            {
                Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/healthz", UriKind.Relative), Ct)).StatusCode);
                await other.SendAsync(RawSocket.Frame(1, "{\"message\":\"tea\"}"u8.ToArray()));
                Assert.Contains("tea", (await other.ReceiveTextAsync()).Text, StringComparison.Ordinal);
            } while (!ends.TrueForAll(end => end.IsCompleted));
        }

        foreach (var end in ends)
        {
            var answer = await end;
            Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408", StringComparison.Ordinal), answer);
        }
        slow.ForEach(socket => socket.Reset());
    }

    [Fact]
    public async Task A_header_sent_byte_by_byte_gets_no_longer_than_one_sent_not_at_all()
    {
        await using var server = await TestServer.StartAsync([("REQUEST_HEADERS_SECONDS", "1")]);
        await using var socket = await RawSocket.DialAsync(server.Address);
        var ending = socket.ReadToEndAsync();
        var request = "GET / HTTP/1.1\r\nX-Slow: "u8.ToArray();
        await socket.SendAsync(request);

        // Never quiet, never done; as slowly as the server answers others.
        using var http = server.CreateClient();
        var sent = 0;
        while (!ending.IsCompleted)
        {
            Assert.True(++sent < 30_000, "It was never ended.");
            try
            {
                await socket.SendAsync("x"u8.ToArray());
            }
            catch (IOException)
            {
                break;
            }
            Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/healthz", UriKind.Relative), Ct)).StatusCode);
        }

        var answer = await ending;
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408", StringComparison.Ordinal), answer);
    }

    [Theory]
    [InlineData(100, 400)]
    [InlineData(40_000, 431)]
    public async Task A_header_without_end_is_refused_before_memory_grows(int lines, int status)
    {
        await using var server = await TestServer.StartAsync();
        await using var socket = await RawSocket.DialAsync(server.Address);
        var ending = socket.ReadToEndAsync();

        await socket.SendAsync("GET /ws/chat/r/ HTTP/1.1\r\nHost: localhost\r\n"u8.ToArray());
        try
        {
            for (var i = 0; i < lines; i++)
            {
                await socket.SendAsync(Encoding.ASCII.GetBytes(status == 400 ? "no header at all\r\n" : $"X-{i}: {new string('x', 100)}\r\n"));
            }
        }
        catch (IOException)
        {
            // Ended, as it should be.
        }

        var answer = await ending;
        // A reset may overtake the answer while we still send.
        Assert.True(answer.Length == 0 || answer.StartsWith($"HTTP/1.1 {status}", StringComparison.Ordinal), answer);
    }
}
