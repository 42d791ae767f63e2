using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Teahouse.Tests.Support;

/// <summary>A bad network between a client and the server: cuts connections, swallows or holds single WebSocket frames, falls silent.</summary>
public sealed class FrameProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<TcpClient, TcpClient> _pairs = [];
    private readonly Uri _server;
    private readonly Task _accepting;
    private int _connections;

    public FrameProxy(Uri server)
    {
        _server = server;
        _listener.Start();
        Address = new UriBuilder(server) { Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;
        _accepting = AcceptAsync();
    }

    /// <summary>Where clients connect to.</summary>
    public Uri Address { get; }

    /// <summary>How many connections were ever made.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Whether a text frame of the server is passed on.</summary>
    public Func<string, bool> FromServer { get; set; } = _ => true;

    /// <summary>What a text frame of the server that is passed on becomes.</summary>
    public Func<string, string> Reword { get; set; } = text => text;

    /// <summary>Awaited before a text frame of the client is passed on.</summary>
    public Func<string, Task> FromClient { get; set; } = _ => Task.CompletedTask;

    /// <summary>While true, nothing passes in either direction, and connections stay open: a peer that died without a word.</summary>
    public bool IsSilent { get; set; }

    /// <summary>While true, new connections are ended at once.</summary>
    public bool IsDown { get; set; }

    /// <summary>Ends every connection without a closing handshake.</summary>
    public void Cut()
    {
        foreach (var (inner, outer) in _pairs)
        {
            inner.Close();
            outer.Close();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        Cut();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> carrying = [];
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                if (IsDown)
                {
                    client.Dispose();
                    continue;
                }
                Interlocked.Increment(ref _connections);
                carrying.Add(CarryAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(carrying);
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            _pairs[client] = server;
            try
            {
                await server.ConnectAsync(_server.Host, _server.Port, _stop.Token);
                var fromClient = PumpAsync(client, server, async text =>
                {
                    await FromClient(text);
                    return text;
                });
                var fromServer = PumpAsync(server, client, text => Task.FromResult(FromServer(text) ? Reword(text) : null));
                await Task.WhenAny(fromClient, fromServer);
                client.Close();
                server.Close();
                await Task.WhenAll(fromClient, fromServer);
            }
            catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
            {
                // Cut, by us or by them.
            }
            finally
            {
                _pairs.TryRemove(client, out _);
            }
        }
    }

    /// <summary>Carries the handshake as it is, then frame by frame.</summary>
    private async Task PumpAsync(TcpClient from, TcpClient to, Func<string, Task<string?>> passAsync)
    {
        var (source, target) = (from.GetStream(), to.GetStream());
        List<byte> head = [];
        var one = new byte[1];
        while (!(head.Count >= 4 && head[^4..] is [13, 10, 13, 10]))
        {
            await source.ReadExactlyAsync(one, _stop.Token);
            head.Add(one[0]);
        }
        await target.WriteAsync(head.ToArray(), _stop.Token);
        while (true)
        {
            var (frame, text) = await ReadFrameAsync(source);
            while (IsSilent)
            {
                await Task.Delay(10, _stop.Token);
            }
            var passed = text is null ? null : await passAsync(text);
            if (passed == text)
            {
                await target.WriteAsync(frame, _stop.Token);
            }
            else if (passed is not null)
            {
                await target.WriteAsync(Frame(passed), _stop.Token);
            }
        }
    }

    /// <summary>A text frame as servers send it.</summary>
    private static byte[] Frame(string text)
    {
        var payload = Encoding.UTF8.GetBytes(text);
        Assert.InRange(payload.Length, 0, 125);
        return [0x81, (byte)payload.Length, .. payload];
    }

    private async Task<(byte[] Frame, string? Text)> ReadFrameAsync(NetworkStream source)
    {
        var head = new byte[2];
        await source.ReadExactlyAsync(head, _stop.Token);
        var more = new byte[(head[1] & 0x7F) switch { 126 => 2, 127 => 8, _ => 0 }];
        await source.ReadExactlyAsync(more, _stop.Token);
        var length = more.Length switch
        {
            2 => BinaryPrimitives.ReadUInt16BigEndian(more),
            8 => (int)BinaryPrimitives.ReadUInt64BigEndian(more),
            _ => head[1] & 0x7F,
        };
        var mask = new byte[(head[1] & 0x80) == 0 ? 0 : 4];
        await source.ReadExactlyAsync(mask, _stop.Token);
        var payload = new byte[length];
        await source.ReadExactlyAsync(payload, _stop.Token);
        var clear = mask.Length == 0 ? payload : [.. payload.Select((value, i) => (byte)(value ^ mask[i % 4]))];
        return ([.. head, .. more, .. mask, .. payload], (head[0] & 15) == 1 ? Encoding.UTF8.GetString(clear) : null);
    }
}
