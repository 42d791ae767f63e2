using System.IO.Pipelines;

namespace Teahouse.Realtime.Epoll;

/// <summary>Two ends of pipes as one.</summary>
internal sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
{
    public PipeReader Input => input;

    public PipeWriter Output => output;
}
