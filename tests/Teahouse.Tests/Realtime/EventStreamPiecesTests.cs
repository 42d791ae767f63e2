using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Teahouse.Realtime;
using Teahouse.Tests.Support;
using Teahouse.Web;

namespace Teahouse.Tests.Realtime;

/// <summary>A stream's reader that takes a large piece slowly.</summary>
public sealed class EventStreamPiecesTests
{
    [Fact]
    public async Task Who_takes_a_part_of_a_large_piece_is_slow_but_alive()
    {
        var clock = new ManualClock();
        var body = new SlowBody();
        var wire = new EventStreamWire(new DefaultHttpContext { Response = { Body = body } });
        using var connection = new Connection(1, Caller.Anonymous, IPAddress.Loopback, plain: false, wire, Settings.Read(new ConfigurationBuilder().Build()), clock, _ => { });
        wire.Attach(connection);

        connection.Send(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { type = "message", message = new string('x', 300_000) }));
        await Eventually.TrueAsync(() => connection.IsWaitingForPeer);
        for (var taken = 1; taken <= 3; taken++)
        {
            clock.Advance(TimeSpan.FromSeconds(14));
            body.Take();
            await Eventually.TrueAsync(() => body.Begun > taken);
            connection.Care(clock.GetTimestamp());
            Assert.False(connection.IsClosing);
        }
        clock.Advance(TimeSpan.FromSeconds(16));
        connection.Care(clock.GetTimestamp());

        Assert.True(connection.IsClosing);
    }

    /// <summary>Each write waits until it is let go on.</summary>
    private sealed class SlowBody : MemoryStream
    {
        private readonly SemaphoreSlim _gate = new(0);
        private int _begun;

        public int Begun => Volatile.Read(ref _begun);

        public void Take() => _gate.Release();

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _begun);
            await _gate.WaitAsync(cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            _gate.Dispose();
            base.Dispose(disposing);
        }
    }
}
