using Teahouse.Realtime;

namespace Teahouse.Tests.Realtime;

public sealed class StreamWireTests
{
    [Fact]
    public void Dropping_a_socket_whose_request_has_just_ended_harms_nothing()
    {
        var wire = new StreamWire(Stream.Null, () => throw new ObjectDisposedException("context"), TimeProvider.System);

        wire.Abort();
        wire.Abort();
    }
}
