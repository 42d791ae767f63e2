using System.Net;
using System.Net.Sockets;
using System.Text;
using Teahouse.Client;

namespace Teahouse.Tests.Client;

/// <summary>What a client says of itself before there is a socket, and what it makes of the answer.</summary>
public sealed class HandshakeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_is_shown_as_bearer_and_without_an_origin()
    {
        var (request, _) = await RefuseAsync("401 Unauthorized", options => options with { Token = "t0ken" });

        Assert.StartsWith("GET /tea/ws/ HTTP/1.1", request, StringComparison.Ordinal);
        Assert.Contains("Authorization: Bearer t0ken\r\n", request, StringComparison.Ordinal);
        Assert.Contains("Sec-WebSocket-Protocol: teahouse.v1\r\n", request, StringComparison.Ordinal);
        Assert.DoesNotContain("Origin:", request, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cookie_comes_with_the_servers_own_origin()
    {
        var (request, server) = await RefuseAsync("403 Forbidden", options => options with { Cookie = "teahouse_session=x" });

        Assert.Contains("Cookie: teahouse_session=x\r\n", request, StringComparison.Ordinal);
        Assert.Contains($"Origin: http://127.0.0.1:{server.Port}\r\n", request, StringComparison.Ordinal);
    }

    /// <summary>Answers one handshake like this, which must end the client for good, and returns what it asked.</summary>
    private static async Task<(string Request, Uri Server)> RefuseAsync(string status, Func<TeahouseClientOptions, TeahouseClientOptions> identity)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var server = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/tea");
        await using var client = new TeahouseClient(identity(new TeahouseClientOptions { Server = server }));
        using var connection = await listener.AcceptTcpClientAsync(Ct);
        using var reader = new StreamReader(connection.GetStream(), Encoding.ASCII, leaveOpen: true);
        var request = new StringBuilder();
        while (await reader.ReadLineAsync(Ct) is { Length: > 0 } line)
        {
            request.Append(line).Append("\r\n");
        }
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"), Ct);

        var refused = await Assert.ThrowsAsync<TeahouseException>(() => client.Completion.WaitAsync(Patience, Ct));
        Assert.Equal(ErrorCodes.HandshakeRefused, refused.Code);
        return (request.ToString(), server);
    }
}
