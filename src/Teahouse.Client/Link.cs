using System.Buffers;
using System.Net.WebSockets;
using System.Threading.Channels;

namespace Teahouse.Client;

/// <summary>One WebSocket: frames out by a bounded queue, frames in one by one. Thread-safe but for <see cref="ReceiveAsync"/>, which one reader calls.</summary>
internal sealed class Link : IAsyncDisposable
{
    public const string Subprotocol = "teahouse.v1";

    /// <summary>Own frames that may wait to be written. More wait only when the server takes nothing.</summary>
    private const int MaxWaiting = 4096;

    /// <summary>500 changes of the longest messages fit; nothing the server sends is larger.</summary>
    private const int MaxFrameBytes = 32 << 20;

    private static readonly TimeSpan Farewell = TimeSpan.FromMilliseconds(500);

    private readonly ClientWebSocket _socket;
    private readonly Channel<byte[]> _outgoing = Channel.CreateBounded<byte[]>(MaxWaiting);
    private readonly Task _writing;
    private ArrayBufferWriter<byte> _incoming = new(4096);

    public Link(ClientWebSocket socket)
    {
        _socket = socket;
        _writing = WriteAsync();
    }

    /// <summary>The server's close code once <see cref="ReceiveAsync"/> has returned null.</summary>
    public int? CloseCode => (int?)_socket.CloseStatus;

    /// <summary>Queues a frame; never waits. A server that takes nothing any more loses the connection.</summary>
    public void Send(byte[] frame)
    {
        if (!_outgoing.Writer.TryWrite(frame))
        {
            Abort();
        }
    }

    /// <summary>The next frame; null when the server has closed.</summary>
    /// <exception cref="WebSocketException">The connection broke.</exception>
    /// <exception cref="System.Text.Json.JsonException">The peer does not speak this protocol.</exception>
    public async Task<ServerFrame?> ReceiveAsync(CancellationToken ct)
    {
        while (true)
        {
            var result = await ReadAsync(_incoming.GetMemory(4096), ct);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }
            _incoming.Advance(result.Count);
            if (_incoming.WrittenCount > MaxFrameBytes)
            {
                throw new WebSocketException(WebSocketError.HeaderError, "The frame is too large.");
            }
            if (result.EndOfMessage)
            {
                return Take();
            }
        }
    }

    /// <summary>Ends it without ceremony; <see cref="ReceiveAsync"/> throws.</summary>
    public void Abort() => _socket.Abort();

    /// <summary>Writes what waits, and the closing frame, if the server takes them soon.</summary>
    public async Task CloseAsync()
    {
        _outgoing.Writer.TryComplete();
        using var patience = new CancellationTokenSource(Farewell);
        try
        {
            await _writing.WaitAsync(patience.Token);
            if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // It has gone already.
        }
    }

    /// <summary>Closes if possible, and ends it in any case.</summary>
    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _socket.Abort();
        await _writing;
        _socket.Dispose();
    }

    private async Task<ValueWebSocketReceiveResult> ReadAsync(Memory<byte> buffer, CancellationToken ct)
    {
        try
        {
            return await _socket.ReceiveAsync(buffer, ct);
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            // Given up by Abort.
            throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely, e);
        }
    }

    private ServerFrame Take()
    {
        var frame = FrameJson.Decode(_incoming.WrittenSpan);
        if (_incoming.Capacity > 1 << 16)
        {
            // A long catch-up must not hold its memory for the rest of a quiet connection.
            _incoming = new(4096);
        }
        _incoming.ResetWrittenCount();
        return frame;
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (var frame in _outgoing.Reader.ReadAllAsync())
            {
                await _socket.SendAsync(frame, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The reader finds out and says why.
            _outgoing.Writer.TryComplete();
            _socket.Abort();
        }
    }
}
