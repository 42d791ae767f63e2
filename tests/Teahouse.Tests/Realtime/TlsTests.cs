using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Realtime;

/// <summary>Sockets where the web server itself ends TLS: neither wire may mistake what is encrypted for the peer's bytes.</summary>
[Trait("Transport", "Any")]
public sealed class TlsTests : IDisposable
{
    private readonly string _certificate = Path.Combine(Directory.CreateTempSubdirectory("teahouse-").FullName, "site.pfx");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_certificate)!, recursive: true);

    [Theory]
    [InlineData("on", 1)]
    [InlineData("on", 2)]
    [InlineData("off", 1)]
    [InlineData("off", 2)]
    public async Task Over_TLS_messages_come_and_go_and_the_socket_closes_in_good_order(string fast, int http)
    {
        await using var server = await StartAsync(fast);
        using var handler = TrustingHandler();
        using var invoker = new HttpMessageInvoker(handler);
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = new Version(http, http == 1 ? 1 : 0);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        await socket.ConnectAsync(new UriBuilder(server.Address) { Scheme = "wss", Path = "/ws/chat/lobby/" }.Uri, invoker, Ct);
        var text = string.Concat(Enumerable.Repeat("茶", 4000));

        await socket.SendAsync(Encoding.UTF8.GetBytes(new JsonObject { ["message"] = text, ["username"] = "小美" }.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, Ct);

        Assert.Equal(text, (await ReceiveAsync(socket))["message"]?.GetValue<string>());
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Ct);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
    }

    private async Task<TestServer> StartAsync(string fast)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        await File.WriteAllBytesAsync(_certificate, certificate.Export(X509ContentType.Pfx), Ct);
        return await TestServer.StartAsync([("URLS", "https://127.0.0.1:0"), ("FAST_TRANSPORT", fast), ("Kestrel:Certificates:Default:Path", _certificate)]);
    }

#pragma warning disable CA5359 // The certificate is this test's own.
    private static SocketsHttpHandler TrustingHandler() => new() { SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } };
#pragma warning restore CA5359

    private static async Task<JsonObject> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(length), Ct);
            length += part.Count;
        }
        while (!part.EndOfMessage);
        return JsonNode.Parse(buffer.AsSpan(0, length))!.AsObject();
    }
}
