using System.Text;

namespace Teahouse.Bench.Load;

/// <summary>The opening of a socket (RFC 6455, section 4), always with the same key.</summary>
internal static class Handshake
{
    // The sample of section 1.3: a constant key has a constant answer.
    private const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    private static ReadOnlySpan<byte> Answer => "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="u8;

    public static byte[] Request(Wire wire, int port, int room)
    {
        var host = $"127.0.0.1:{port}";
        return Encoding.ASCII.GetBytes($"GET {wire.Path.Replace("{room}", $"room{room}", StringComparison.Ordinal)} HTTP/1.1\r\nHost: {host}\r\n"
            + $"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {Key}\r\n"
            + (wire.Subprotocol is { } subprotocol ? $"Sec-WebSocket-Protocol: {subprotocol}\r\n" : "")
            + (wire.SendsOrigin ? $"Origin: http://{host}\r\n" : "")
            + "\r\n");
    }

    /// <summary>Whether the head of the answer lets the socket be one.</summary>
    public static bool IsAccepted(ReadOnlySpan<byte> head) => head.StartsWith("HTTP/1.1 101"u8) && head.IndexOf(Answer) >= 0;
}
