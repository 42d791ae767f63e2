using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Teahouse.Tests.Support;

/// <summary>A WebSocket client as programs have it: sends text, waits for frames by condition.</summary>
public sealed class SocketClient : IAsyncDisposable
{
    public const string V1 = "teahouse.v1";

    private static readonly JsonSerializerOptions Unescaped = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ClientWebSocket _socket = new();
    private readonly List<JsonObject> _seen = [];
    private int _next;

    /// <summary>Every frame received so far.</summary>
    public IReadOnlyList<JsonObject> Seen => _seen;

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    public string? SubProtocol => _socket.SubProtocol;

    /// <param name="server">Where to.</param>
    /// <param name="path">Such as <c>/ws/chat/lobby/</c>.</param>
    /// <param name="subprotocol">Null for plain.</param>
    /// <param name="cookies">A signed-in client's; its Origin is then sent too, as a browser would.</param>
    /// <param name="headers">More request headers.</param>
    public static Task<SocketClient> ConnectAsync(TestServer server, string path, string? subprotocol = null, CookieContainer? cookies = null, params (string Name, string Value)[] headers) =>
        ConnectAsync(server.Address, path, subprotocol, cookies, headers);

    public static async Task<SocketClient> ConnectAsync(Uri server, string path, string? subprotocol = null, CookieContainer? cookies = null, params (string Name, string Value)[] headers)
    {
        var client = new SocketClient();
        if (subprotocol is not null)
        {
            client._socket.Options.AddSubProtocol(subprotocol);
        }
        if (cookies is not null)
        {
            client._socket.Options.SetRequestHeader("Cookie", cookies.GetCookieHeader(server));
            client._socket.Options.SetRequestHeader("Origin", server.GetLeftPart(UriPartial.Authority));
        }
        foreach (var (name, value) in headers)
        {
            client._socket.Options.SetRequestHeader(name, value);
        }
        client._socket.Options.CollectHttpResponseDetails = true;
        client._socket.Options.KeepAliveInterval = TimeSpan.Zero;
        try
        {
            await client._socket.ConnectAsync(new Uri(new UriBuilder(server) { Scheme = "ws" }.Uri, path), TestContext.Current.CancellationToken);
        }
        catch (WebSocketException)
        {
            client.RefusedWith = client._socket.HttpStatusCode;
            client.RefusedHeaders = client._socket.HttpResponseHeaders;
        }
        return client;
    }

    /// <summary>The status that answered the handshake instead of 101.</summary>
    public HttpStatusCode? RefusedWith { get; private set; }

    public IReadOnlyDictionary<string, IEnumerable<string>>? RefusedHeaders { get; private set; }

    public Task SendAsync(object frame) => SendTextAsync(frame as string ?? JsonSerializer.Serialize(frame, Unescaped));

    public Task SendTextAsync(string text) => SendBytesAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public Task SendBytesAsync(byte[] bytes, WebSocketMessageType type, bool endOfMessage = true) =>
        _socket.SendAsync(bytes, type, endOfMessage, TestContext.Current.CancellationToken);

    /// <summary>The next frame not yet taken that fulfils the condition; those before it are passed over.</summary>
    public async Task<JsonObject> ReceiveAsync(Func<JsonObject, bool>? condition = null)
    {
        while (true)
        {
            while (_next < _seen.Count)
            {
                var frame = _seen[_next++];
                if (condition is null || condition(frame))
                {
                    return frame;
                }
            }
            if (!await ReadAsync())
            {
                throw new InvalidOperationException($"Closed with {_socket.CloseStatus} while waiting; seen: {string.Join('\n', _seen.Select(f => f.ToJsonString()))}");
            }
        }
    }

    public Task<JsonObject> ReceiveAsync(string type) => ReceiveAsync(frame => (string?)frame["type"] == type);

    /// <summary>Reads until the server closes and returns its code.</summary>
    public async Task<int> ReceiveCloseAsync()
    {
        while (await ReadAsync())
        {
        }
        return (int?)_socket.CloseStatus ?? 1006;
    }

    public async Task CloseAsync()
    {
        await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, TestContext.Current.CancellationToken);
    }

    public void Abort() => _socket.Abort();

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task AnswerCloseAsync(CancellationToken ct)
    {
        try
        {
            await _socket.CloseOutputAsync(_socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, null, ct);
        }
        catch (WebSocketException)
        {
            // The server has gone already.
        }
    }

    private async Task<bool> ReadAsync()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(Patience);
        using var message = new MemoryStream();
        var buffer = new byte[16384];
        while (true)
        {
            WebSocketReceiveResult result;
            try
            {
                result = await _socket.ReceiveAsync(buffer, timeout.Token);
            }
            catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException($"Nothing came for {Patience.TotalSeconds} s; seen: {string.Join('\n', _seen.Select(f => f.ToJsonString()))}");
            }
            catch (WebSocketException)
            {
                return false;
            }
            if (result.MessageType == WebSocketMessageType.Close)
            {
                if (_socket.State == WebSocketState.CloseReceived)
                {
                    await AnswerCloseAsync(timeout.Token);
                }
                return false;
            }
            message.Write(buffer, 0, result.Count);
            if (result.EndOfMessage)
            {
                _seen.Add(JsonNode.Parse(message.ToArray())!.AsObject());
                return true;
            }
        }
    }
}
