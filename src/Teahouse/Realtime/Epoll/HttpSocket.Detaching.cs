using System.Buffers;

namespace Teahouse.Realtime.Epoll;

/// <summary>How a WebSocket takes over the connection.</summary>
internal sealed partial class HttpSocket
{
    public async Task<DetachedSocket?> DetachAsync(ReadOnlyMemory<byte> answer)
    {
        if (!ReferenceEquals(Transport, _bare))
        {
            return null;
        }
        var detaching = new TaskCompletionSource<DetachedSocket?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _out.Writer.Write(answer.Span);
        // Set before the flush: the web server writes nothing meanwhile, so the sender's next reading ends with the answer.
        _detaching = detaching;
        await _out.Writer.FlushAsync();
        return await detaching.Task;
    }

    private void Detach()
    {
        // Not null: the sender posts this after it was set.
        var detaching = _detaching!;
        if (_isClosed || _inputEnded)
        {
            detaching.TrySetException(new IOException("The peer has gone."));
            return;
        }
        _isDetached = true;
        // Nobody reads this pipe while a request runs, and only this thread writes to it.
        var unread = _in.Reader.TryRead(out var result) ? result.Buffer.ToArray() : [];
        if (!result.Buffer.IsEmpty)
        {
            _in.Reader.AdvanceTo(result.Buffer.End);
        }
        _in.Writer.Complete();
        _loop.Forget(_file);
        detaching.TrySetResult(new DetachedSocket(_loop, _file, unread));
    }
}
