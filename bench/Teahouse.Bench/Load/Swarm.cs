using System.Diagnostics;
using System.Text;

namespace Teahouse.Bench.Load;

/// <summary>Any number of WebSocket clients on one thread. It looks at its sockets every 200 microseconds instead of sleeping in epoll: clients elsewhere would not make
/// the server's <c>send</c> pay for waking them either. The members of each room are spread over the ports.</summary>
internal sealed class Swarm(Wire wire, IReadOnlyList<int> ports) : IDisposable
{
    private const int LookEveryMicroseconds = 200;
    private const int MostConnecting = 128;

    private readonly int _epoll = Native.CreateEpoll();
    private readonly byte[] _buffer = new byte[256 * 1024];
    private readonly byte[] _frame = new byte[4096];
    private readonly byte[]? _readyWhen = wire.ReadyWhen is null ? null : Encoding.UTF8.GetBytes(wire.ReadyWhen);
    private readonly (byte[] Question, byte[] Answer)? _heartbeat = wire.Heartbeat is var (question, answer) ? (Encoding.UTF8.GetBytes(question), Encoding.UTF8.GetBytes(answer)) : null;
    private readonly Random _random = new();
    private int _connecting;
    private long _nextLook;

    public delegate void TextHandler(LoadSocket socket, ReadOnlySpan<byte> text);

    public List<LoadSocket> Sockets { get; } = [];

    /// <summary>Called for every text once its socket is ready.</summary>
    public TextHandler? OnText { get; set; }

    public int Ready { get; private set; }

    /// <summary>Sockets that the server refused or closed, and frames it should not have sent.</summary>
    public long Faults { get; private set; }

    /// <summary>The first fault, for people.</summary>
    public string? FirstFault { get; private set; }

    public static long Now => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);

    /// <summary>Opens the sockets, at most this many a second, and returns when all are ready.</summary>
    public void Connect(int rooms, int members, double perSecond)
    {
        var began = Now;
        var deadline = began + (long)(rooms * members / perSecond * 1e6) + 60_000_000;
        var first = Sockets.Count;
        for (var i = 0; i < rooms * members; i++)
        {
            Sockets.Add(new LoadSocket(first + i, i % rooms, i / rooms));
        }
        var next = first;
        while (Ready + Faults < Sockets.Count && Now < deadline)
        {
            while (next < Sockets.Count && _connecting < MostConnecting && next - first <= (Now - began) / 1e6 * perSecond)
            {
                Open(Sockets[next++]);
            }
            Poll(Now + LookEveryMicroseconds);
        }
        if (Ready < Sockets.Count)
        {
            throw new IOException($"{Ready} of {Sockets.Count} sockets became ready: {FirstFault ?? "the server did not answer in time"}");
        }
    }

    /// <summary>Takes what has arrived, once; naps until the next look, but not past <paramref name="until"/>.</summary>
    public void Poll(long until)
    {
        var nap = Math.Min(_nextLook, until) - Now;
        if (nap > 0)
        {
            Native.Nap(nap);
        }
        Span<(int Token, uint Events)> ready = stackalloc (int, uint)[512];
        var count = Native.Ready(_epoll, ready);
        foreach (var (token, events) in ready[..count])
        {
            Handle(Sockets[token], events);
        }
        if (count < ready.Length)
        {
            _nextLook = Now + LookEveryMicroseconds;
        }
    }

    public void PollFor(TimeSpan time)
    {
        var until = Now + (long)time.TotalMicroseconds;
        while (Now < until)
        {
            Poll(until);
        }
    }

    public void Send(LoadSocket socket, OpCode opCode, ReadOnlySpan<byte> payload)
    {
        var length = FrameScanner.Write(_frame, opCode, payload, (uint)_random.NextInt64(uint.MaxValue));
        SendBytes(socket, _frame.AsSpan(0, length));
    }

    public void Dispose()
    {
        foreach (var socket in Sockets.Where(socket => socket.State != SocketState.Closed))
        {
            Native.Close(socket.File);
        }
        Native.Close(_epoll);
    }

    private void Open(LoadSocket socket)
    {
        socket.File = Native.BeginConnect(ports[socket.Member % ports.Count]);
        if (socket.File < 0)
        {
            Fault($"connecting failed with error {-socket.File}");
            return;
        }
        socket.State = SocketState.Connecting;
        _connecting++;
        Native.Watch(_epoll, socket.File, socket.Id, Native.In | Native.Out);
    }

    private void Handle(LoadSocket socket, uint events)
    {
        if (socket.State == SocketState.Closed)
        {
            return;
        }
        if ((events & Native.Out) != 0)
        {
            if (socket.State == SocketState.Connecting)
            {
                socket.State = SocketState.Upgrading;
                socket.Unsent = Handshake.Request(wire, ports[socket.Member % ports.Count], socket.Room);
            }
            SendRest(socket);
        }
        if ((events & ~Native.Out) != 0 && socket.State != SocketState.Closed)
        {
            Receive(socket);
        }
    }

    private void SendBytes(LoadSocket socket, ReadOnlySpan<byte> bytes)
    {
        if (socket.State == SocketState.Closed)
        {
            // Counted when it ended.
            return;
        }
        var sent = socket.Unsent.Length > 0 ? 0 : Native.Send(socket.File, bytes);
        if (sent == Native.WouldBlock)
        {
            sent = 0;
        }
        if (sent < 0)
        {
            End(socket, $"sending failed with error {-sent}");
        }
        else if (sent < bytes.Length)
        {
            socket.Unsent = [.. socket.Unsent, .. bytes[sent..]];
            Native.ChangeWatch(_epoll, socket.File, socket.Id, Native.In | Native.Out);
        }
    }

    private void SendRest(LoadSocket socket)
    {
        var bytes = socket.Unsent;
        socket.Unsent = [];
        Native.ChangeWatch(_epoll, socket.File, socket.Id, Native.In);
        SendBytes(socket, bytes);
    }

    private void Receive(LoadSocket socket)
    {
        var had = socket.Rest.Length;
        if (had > _buffer.Length / 2)
        {
            End(socket, "a frame is larger than any the generator expects");
            return;
        }
        socket.Rest.CopyTo(_buffer, 0);
        var received = Native.Receive(socket.File, _buffer.AsSpan(had));
        if (received == Native.WouldBlock)
        {
            return;
        }
        if (received <= 0)
        {
            End(socket, received == 0 ? "the server closed a connection" : $"receiving failed with error {-received}");
            return;
        }
        ReadOnlySpan<byte> bytes = _buffer.AsSpan(0, had + received);
        if (socket.State == SocketState.Upgrading && !TryUpgrade(socket, ref bytes))
        {
            socket.Rest = bytes.ToArray();
            return;
        }
        while (socket.State != SocketState.Closed && FrameScanner.TryRead(bytes, out var frame))
        {
            bytes = bytes[frame.Length..];
            Take(socket, frame);
        }
        socket.Rest = bytes.IsEmpty || socket.State == SocketState.Closed ? [] : bytes.ToArray();
    }

    private bool TryUpgrade(LoadSocket socket, ref ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }
        if (!Handshake.IsAccepted(bytes[..end]))
        {
            End(socket, "the upgrade was refused: " + Encoding.ASCII.GetString(bytes[..bytes.IndexOf((byte)'\r')]));
            return false;
        }
        bytes = bytes[(end + 4)..];
        _connecting--;
        socket.State = SocketState.Opening;
        if (_readyWhen is null)
        {
            Welcome(socket);
        }
        if (wire.Opening is { } opening)
        {
            Send(socket, OpCode.Text, Encoding.UTF8.GetBytes(opening));
        }
        return true;
    }

    private void Take(LoadSocket socket, Frame frame)
    {
        switch (frame.OpCode)
        {
            case OpCode.Text or OpCode.Binary when frame.IsValid && socket.Pieces is null:
            case OpCode.Continuation when frame.IsValid && socket.Pieces is not null:
                var text = socket.Pieces is { } pieces ? [.. pieces, .. frame.Payload] : frame.Payload;
                socket.Pieces = frame.IsFinal ? null : text.ToArray();
                if (frame.IsFinal)
                {
                    TakeText(socket, text);
                }
                break;
            case OpCode.Ping:
                Send(socket, OpCode.Pong, frame.Payload);
                break;
            case OpCode.Pong:
                break;
            default:
                End(socket, $"an unexpected frame ({frame.OpCode})");
                break;
        }
    }

    private void TakeText(LoadSocket socket, ReadOnlySpan<byte> text)
    {
        if (_heartbeat is var (question, answer) && text.SequenceEqual(question))
        {
            Send(socket, OpCode.Text, answer);
        }
        else if (socket.State == SocketState.Ready)
        {
            OnText?.Invoke(socket, text);
        }
        else if (text.IndexOf(_readyWhen) >= 0)
        {
            Welcome(socket);
        }
    }

    private void Welcome(LoadSocket socket)
    {
        socket.State = SocketState.Ready;
        Ready++;
    }

    private void End(LoadSocket socket, string why)
    {
        Native.Close(socket.File);
        if (socket.State is SocketState.Connecting or SocketState.Upgrading)
        {
            _connecting--;
        }
        if (socket.State == SocketState.Ready)
        {
            Ready--;
        }
        socket.State = SocketState.Closed;
        socket.Rest = socket.Unsent = [];
        Fault(why);
    }

    private void Fault(string why)
    {
        Faults++;
        FirstFault ??= why;
    }
}
