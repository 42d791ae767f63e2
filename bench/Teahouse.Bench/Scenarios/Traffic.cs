using System.Text;
using Teahouse.Bench.Load;
using Teahouse.Bench.Servers;

namespace Teahouse.Bench.Scenarios;

/// <summary>Rooms full of members some of whom talk, at a rate or with so many messages on their way at a time.</summary>
internal sealed class Traffic : IDisposable
{
    public const double ConnectionsPerSecond = 1000;

    private const int TextLength = 128;
    private const double DrainSeconds = 30;

    // Far below the time in which any server wants its pong.
    private const double CareSeconds = 3;

    private readonly RunningServer _server;
    private readonly int _members;
    private readonly int _rooms;
    private readonly Swarm _swarm;
    private readonly DeliveryCheck _check;
    private readonly int _run = Random.Shared.Next(1, 1_000_000);
    private readonly byte[] _before;
    private readonly byte[] _message;
    private Latencies _latencies = new();
    private Latencies _late = new();
    private long _measuredFrom = long.MaxValue;
    private long _strange;
    private int _nextRoom;
    private long _nextCare;

    public Traffic(RunningServer server, Wire wire, int rooms, int members, int senders)
    {
        (_server, _rooms, _members) = (server, rooms, members);
        _before = Encoding.UTF8.GetBytes(wire.BeforeText);
        _message = [.. _before, .. new byte[TextLength], .. Encoding.UTF8.GetBytes(wire.AfterText)];
        _check = new DeliveryCheck(rooms, members, senders);
        _swarm = new Swarm(wire, server.Ports) { OnText = Receive };
    }

    /// <summary>Done every few seconds while this talks.</summary>
    public Action Meanwhile { get; set; } = static () => { };

    public void Connect(double perSecond)
    {
        _swarm.Connect(_rooms, _members, perSecond);
        // Presence and the like is over before anything is measured.
        _swarm.PollFor(TimeSpan.FromSeconds(1));
    }

    /// <summary>Talks for a while without measuring, so that what a young process does once is not billed to its frames.</summary>
    public void WarmUp(Pace pace, double seconds)
    {
        Talk(pace, Swarm.Now + (long)(seconds * 1e6));
        Drain();
    }

    /// <summary>Talks and measures. <paramref name="lead"/> seconds go before it at the same pace.</summary>
    public IReadOnlyList<Figure> Measure(Pace pace, double seconds, double lead, out string? note)
    {
        Talk(pace, Swarm.Now + (long)(lead * 1e6));
        (_latencies, _late) = (new Latencies(), new Latencies());
        var delivered = _check.Delivered;
        var began = _measuredFrom = Swarm.Now;
        var cpu = _server.CpuMicroseconds;
        var (sent, isHeld) = Talk(pace, began + (long)(seconds * 1e6));
        var talked = (Swarm.Now - began) / 1e6;
        var deliveredWhileTalking = _check.Delivered - delivered;
        var cpuShare = (_server.CpuMicroseconds - cpu) / (Swarm.Now - began);
        Drain();
        cpu = _server.CpuMicroseconds - cpu;
        _measuredFrom = long.MaxValue;
        var frames = _check.Delivered - delivered;
        note = isHeld ? null : "rate not held";
        if (_check.Unknown + _strange + _swarm.Faults > 0)
        {
            note = $"{note} {_check.Unknown + _strange} strange frames, {_swarm.Faults} faults {_swarm.FirstFault}".Trim();
        }
        return
        [
            new("CPU µs/frame", cpu / frames, 2),
            new("CPU µs/message", cpu * _members / frames, 1),
            new("p50 ms", _latencies.Milliseconds(0.5), 1),
            new("p99 ms", _latencies.Milliseconds(0.99), 1),
            new("sent late p99 ms", _late.Milliseconds(0.99), 1),
            new("messages/s", sent / talked),
            new("frames/s", deliveredWhileTalking / talked),
            new("core %", cpuShare * 100),
            new("lost", _check.Missing),
            new("doubled", _check.Doubled),
            new("disordered", _check.Disordered),
            new("RSS MB", _server.ResidentKilobytes / 1024),
        ];
    }

    /// <summary>Takes what has come while nobody looked, and answers pings.</summary>
    public void Listen() => _swarm.PollFor(TimeSpan.FromMilliseconds(2));

    public void Dispose() => _swarm.Dispose();

    /// <summary>Sends until then. A server that is more than a second behind is spared those that fall due meanwhile: a queue that only grows would say nothing about it.</summary>
    private (long Sent, bool IsHeld) Talk(Pace pace, long until)
    {
        var began = Swarm.Now;
        var mostUnfinished = Math.Max(8, pace.PerSecond);
        var (sent, spared) = (0L, 0L);
        for (var now = began; now < until; now = Swarm.Now)
        {
            if (pace.InFlight > 0)
            {
                for (; _check.Unfinished < pace.InFlight; sent++)
                {
                    Say(Swarm.Now);
                }
                Poll(until);
                continue;
            }
            for (; Due() <= now; sent++)
            {
                if (_check.Unfinished <= mostUnfinished)
                {
                    Say(Due());
                }
                else
                {
                    spared++;
                }
            }
            Poll(Math.Min(Due(), until));
        }
        return (sent - spared, spared == 0);

        long Due() => began + (long)(sent * 1e6 / pace.PerSecond);
    }

    private void Drain()
    {
        var until = Swarm.Now + (long)(DrainSeconds * 1e6);
        while (_check.Unfinished > 0 && Swarm.Now < until)
        {
            Poll(until);
        }
    }

    private void Poll(long until)
    {
        _swarm.Poll(until);
        if (Swarm.Now >= _nextCare)
        {
            Meanwhile();
            _nextCare = Swarm.Now + (long)(CareSeconds * 1e6);
        }
    }

    private void Say(long due)
    {
        _late.Add(Swarm.Now - due);
        var room = _nextRoom;
        _nextRoom = (_nextRoom + 1) % _rooms;
        var (number, sender) = _check.Next(room);
        new Marker(_run, room, number, due).Write(_message.AsSpan(_before.Length, TextLength));
        _check.Sent(room);
        _swarm.Send(_swarm.Sockets[(sender * _rooms) + room], OpCode.Text, _message);
    }

    private void Receive(LoadSocket socket, ReadOnlySpan<byte> text)
    {
        var isMessage = false;
        while (Marker.TryFind(ref text, out var marker))
        {
            isMessage = true;
            if (marker.Run != _run || marker.Room != socket.Room)
            {
                _strange++;
            }
            else if (_check.Receive(socket.Room, socket.Member, marker.Number, Marker.FindSeq(text)) && marker.DueMicroseconds >= _measuredFrom)
            {
                _latencies.Add(Swarm.Now - marker.DueMicroseconds);
            }
        }
        // A heartbeat of the layer above the WebSocket has no text; an error of Teahouse does.
        if (!isMessage && text.IndexOf("\"error\""u8) >= 0)
        {
            _strange++;
        }
    }
}

/// <summary>How talk goes: so many messages a second, or (closed loop) so many at most that have not reached everybody.</summary>
internal readonly record struct Pace(double PerSecond, int InFlight)
{
    public static Pace Rate(double perSecond) => new(perSecond, 0);

    public static Pace Closed(int inFlight) => new(0, inFlight);
}
