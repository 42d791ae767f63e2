using System.Net;
using Teahouse.Realtime;
using Teahouse.Web;

namespace Teahouse.Tests.Support;

/// <summary>A wire whose peer takes only what <see cref="Take"/> lets it: for what depends on how far a client is behind, to the frame.</summary>
internal sealed class GatedWire : IWire, IDisposable
{
    private readonly List<byte> _taken = [];
    private readonly SemaphoreSlim _gate = new(0);
    private Connection? _connection;

    public IRounds? Rounds => null;

    public int Handle => -1;

    public bool IsAborted { get; private set; }

    public bool IsCloseWritten { get; private set; }

    /// <summary>The frames taken so far: opcode and payload.</summary>
    public IReadOnlyList<(int Opcode, byte[] Payload)> Taken
    {
        get
        {
            lock (_taken)
            {
                return [.. Split([.. _taken])];
            }
        }
    }

    public static (GatedWire Wire, Connection Connection) Connect(Settings settings, TimeProvider time, Action<Connection>? onEnded = null)
    {
        var wire = new GatedWire();
        var connection = new Connection(1, Caller.Anonymous, IPAddress.Loopback, plain: false, wire, settings, time, onEnded ?? (_ => { }));
        wire.Attach(connection);
        return (wire, connection);
    }

    /// <summary>The peer takes this many writes, now or when they come.</summary>
    public void Take(int writes = 1) => _gate.Release(writes);

    public void Attach(Connection connection) => _connection = connection;

    public Task RunAsync(HandleText handle) => Task.CompletedTask;

    public void Schedule(Connection connection) => ThreadPool.UnsafeQueueUserWorkItem(connection, preferLocal: false);

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        lock (_taken)
        {
            _taken.AddRange(bytes.Span);
        }
    }

    public void OnCloseWritten() => IsCloseWritten = true;

    public void Abort() => IsAborted = true;

    public void Dispose() => _gate.Dispose();

    private static IEnumerable<(int Opcode, byte[] Payload)> Split(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var (length, header) = bytes[at + 1] switch
            {
                126 => ((bytes[at + 2] << 8) | bytes[at + 3], 4),
                127 => ((bytes[at + 6] << 24) | (bytes[at + 7] << 16) | (bytes[at + 8] << 8) | bytes[at + 9], 10),
                var small => (small, 2),
            };
            yield return (bytes[at] & 15, bytes[(at + header)..(at + header + length)]);
            at += header + length;
        }
    }
}
