using System.Buffers;

namespace Teahouse.Realtime.Epoll;

/// <summary>What comes in, and how the socket closes.</summary>
internal sealed partial class SocketWire
{
    private void Receive()
    {
        var buffer = _loop.ReadBuffer;
        var count = Native.Receive(_file, buffer.Span);
        if (count is -Native.EAGAIN or -Native.EINTR)
        {
            return;
        }
        if (count <= 0)
        {
            End();
        }
        else if (_discarding)
        {
            // What it had under way when it was refused. Closing with unread bytes would reset the connection, and it would never see why.
        }
        else if (_unreadLength == 0 && !_acting)
        {
            var taken = Parse(buffer[..count]);
            Keep(buffer.Span[taken..count]);
            _reader?.Trim();
        }
        else
        {
            Keep(buffer.Span[..count]);
            ParseUnread();
        }
    }

    private void Resume()
    {
        _acting = false;
        ParseUnread();
        Rewatch();
    }

    private void ParseUnread()
    {
        var taken = Parse(_unread.AsMemory(0, _unreadLength));
        if (taken == _unreadLength || _ended)
        {
            // Nothing is held while the client is quiet.
            Release();
            _reader?.Trim();
        }
        else if (taken > 0)
        {
            _unreadLength -= taken;
            _unread.AsSpan(taken, _unreadLength).CopyTo(_unread);
        }
    }

    /// <summary>Acts on the frames in <paramref name="bytes"/> and returns how many bytes they were.</summary>
    private int Parse(Memory<byte> bytes)
    {
        var start = 0;
        while (start < bytes.Length && !_acting && !_readingDone && !_ended && _reader is not null)
        {
            var kind = _reader.Read(bytes[start..], out var consumed, out var payload);
            if (kind == InboundKind.Incomplete)
            {
                break;
            }
            start += consumed;
            Act(kind, payload);
        }
        return _readingDone || _ended ? bytes.Length : start;
    }

    private void Act(InboundKind kind, ReadOnlyMemory<byte> payload)
    {
        // A copy: the loop's buffer is everybody's, and the answer may take a while.
        var copy = ArrayPool<byte>.Shared.Rent(payload.Length);
        payload.CopyTo(copy);
        // Not null: nothing is parsed before the start.
        var acting = _connection!.ActAsync(kind, copy.AsMemory(0, payload.Length), _reader!, _act!);
        if (acting.IsCompletedSuccessfully)
        {
            ArrayPool<byte>.Shared.Return(copy);
            OnActed(kind, acting.Result);
        }
        else
        {
            _acting = true;
            Rewatch();
            _ = AwaitAsync(kind, acting, copy);
        }
    }

    private async Task AwaitAsync(InboundKind kind, ValueTask<bool> acting, byte[] copy)
    {
        var done = false;
        try
        {
            done = await acting;
        }
#pragma warning disable CA1031 // Whatever it is: the socket would never be read again.
        catch (Exception)
#pragma warning restore CA1031
        {
            // The connection has ended meanwhile, or cannot go on.
            Abort();
        }
        ArrayPool<byte>.Shared.Return(copy);
        _loop.Post(() =>
        {
            OnActed(kind, done);
            Resume();
        });
    }

    private void OnActed(InboundKind kind, bool readingDone)
    {
        if (readingDone && !_readingDone)
        {
            _readingDone = true;
            _discarding = kind == InboundKind.Violation;
            FinishClosing();
        }
    }

    private void FinishClosing()
    {
        if (!_closeWritten || !_readingDone || _ended)
        {
            // When we began, the peer's closing frame is still to come; the connection's care sees that it does not take for ever.
        }
        else if (_discarding)
        {
            Native.Shutdown(_file, Native.ShutWrite);
        }
        else
        {
            End();
        }
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || _ended)
        {
            return;
        }
        if (_unread.Length < _unreadLength + bytes.Length)
        {
            // Growth is bounded: the reader refuses a frame over the limit by its header.
            var larger = ArrayPool<byte>.Shared.Rent(_unreadLength + bytes.Length);
            var length = _unreadLength;
            _unread.AsSpan(0, length).CopyTo(larger);
            Release();
            _unread = larger;
            _unreadLength = length;
        }
        bytes.CopyTo(_unread.AsSpan(_unreadLength));
        _unreadLength += bytes.Length;
    }

    private void Release()
    {
        if (_unread.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_unread);
            _unread = [];
        }
        _unreadLength = 0;
    }
}
