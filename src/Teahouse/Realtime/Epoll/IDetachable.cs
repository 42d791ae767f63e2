namespace Teahouse.Realtime.Epoll;

/// <summary>Lets a WebSocket leave the web server.</summary>
internal interface IDetachable
{
    /// <summary>Writes the answer to the upgrade and takes the socket. Null when something stands between it and the web server (TLS), so that it cannot be had bare.</summary>
    Task<DetachedSocket?> DetachAsync(ReadOnlyMemory<byte> answer);
}

/// <summary>A socket that is nobody's but the loop's.</summary>
/// <param name="Loop">The loop that watches it.</param>
/// <param name="File">Its number.</param>
/// <param name="Unread">What came after the request.</param>
internal sealed record DetachedSocket(EventLoop Loop, int File, byte[] Unread);
