namespace Teahouse.Realtime;

/// <summary>Acts on one text frame. The outer task is awaited before the next frame is read, so that a client's own order holds; the inner one is what may
/// still be under way (a commit and its ack).</summary>
public delegate ValueTask<Task> HandleText(ReadOnlyMemory<byte> text);

/// <summary>What the peer's frames do.</summary>
public sealed partial class Connection
{
    /// <summary>Frames of one client that may be under way at once.</summary>
    private const int MaxUnderWay = 64;

    private Queue<Task>? _underWay;

    internal FrameReader CreateReader() => new(_settings.FrameBytes == 0 ? int.MaxValue / 2 : _settings.FrameBytes);

    /// <summary>Acts on one frame; the payload must live until the result has come. Returns true when nothing more is to be read. Called by the wire, one call at a time.</summary>
    internal ValueTask<bool> ActAsync(InboundKind kind, ReadOnlyMemory<byte> payload, FrameReader reader, HandleText handle)
    {
        switch (kind)
        {
            case InboundKind.Text when !IsClosing:
                return HandleAsync(payload, handle);
            case InboundKind.Ping when !IsClosing:
                SendFrame(WireFrame.Encode(WireFrame.Pong, payload.Span));
                return ValueTask.FromResult(false);
            case InboundKind.Pong:
                Volatile.Write(ref _awaitingPong, false);
                return ValueTask.FromResult(false);
            case InboundKind.Close:
                // Answered with the same code; when we began, this is the answer.
                Close(reader.PeerCode);
                return ValueTask.FromResult(true);
            case InboundKind.Violation:
                Close(reader.Violation);
                return ValueTask.FromResult(true);
            default:
                return ValueTask.FromResult(false);
        }
    }

    private async ValueTask<bool> HandleAsync(ReadOnlyMemory<byte> payload, HandleText handle)
    {
        var work = await handle(payload);
        if (!work.IsCompleted)
        {
            (_underWay ??= []).Enqueue(work);
        }
        while (_underWay is not null && _underWay.TryPeek(out var oldest) && (oldest.IsCompleted || _underWay.Count > MaxUnderWay))
        {
            await _underWay.Dequeue();
        }
        return false;
    }
}
