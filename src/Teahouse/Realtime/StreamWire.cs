using System.Buffers;

namespace Teahouse.Realtime;

/// <summary>The portable wire: a connection of the web server's, or its upgraded stream (TLS, HTTP/2). One reading loop for each connection; pumps run on the thread pool.</summary>
/// <param name="input">What the peer sends.</param>
/// <param name="output">What it gets; may be the same stream.</param>
/// <param name="abort">Drops it.</param>
/// <param name="time">The clock.</param>
/// <param name="goOn">Where the reading loop runs when HTTP has ended; null inside the request, which lasts as long as the socket.</param>
internal sealed class StreamWire(Stream input, Stream output, Action abort, TimeProvider time, Action<Func<Task>>? goOn = null) : IWire
{
    private const int BufferBytes = 4096;

    /// <summary>What is larger is written piece by piece, so that a slow peer is seen to take it.</summary>
    private const int PieceBytes = 64 * 1024;

    private static readonly TimeSpan QuietAfterRefusal = TimeSpan.FromMilliseconds(250);

    private Connection? _connection;
    private readonly TaskCompletionSource _closeWritten = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IRounds? Rounds => null;

    public int Handle => -1;

    public void Attach(Connection connection) => _connection = connection;

    public void Schedule(Connection connection) => ThreadPool.UnsafeQueueUserWorkItem(connection, preferLocal: false);

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct) => bytes.Length <= PieceBytes ? output.WriteAsync(bytes, ct) : WriteInPiecesAsync(bytes, ct);

    public void OnCloseWritten() => _closeWritten.TrySetResult();

    public void Abort()
    {
        _closeWritten.TrySetResult();
        try
        {
            abort();
        }
        catch (ObjectDisposedException)
        {
            // The request has ended in this moment by itself.
        }
    }

    public Task RunAsync(HandleText handle)
    {
        if (goOn is null)
        {
            return ServeAsync(handle);
        }
        goOn(() => ServeAsync(handle));
        return Task.CompletedTask;
    }

    private async ValueTask WriteInPiecesAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        while (!bytes.IsEmpty)
        {
            var piece = bytes[..Math.Min(PieceBytes, bytes.Length)];
            await output.WriteAsync(piece, ct);
            _connection?.SeeTaken();
            bytes = bytes[piece.Length..];
        }
    }

    /// <summary>Reads until either side closes, then waits for the closing handshake to be written. Returns when the stream has been dropped.</summary>
    private async Task ServeAsync(HandleText handle)
    {
        var connection = _connection ?? throw new InvalidOperationException("Attach comes first.");
        try
        {
            var whole = await ReadAsync(connection, handle);
            await _closeWritten.Task.WaitAsync(Connection.CloseGrace, time);
            if (!whole)
            {
                await DiscardAsync(connection.Ended);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or TimeoutException)
        {
            // The peer has gone, or takes nothing any more.
            connection.Abort();
        }
        finally
        {
            // No abort here: it would throw away a closing frame that is still on its way.
            connection.End();
            await output.DisposeAsync();
            await input.DisposeAsync();
        }
    }

    /// <summary>Returns false when the peer broke the protocol, so that what else it sends cannot be understood.</summary>
    private async Task<bool> ReadAsync(Connection connection, HandleText handle)
    {
        using var reader = connection.CreateReader();
        byte[]? buffer = null;
        var start = 0;
        var end = 0;
        try
        {
            while (true)
            {
                if (start == end && buffer is not null)
                {
                    // Nothing is held while the client is quiet.
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = null;
                    start = end = 0;
                    reader.Trim();
                }
                if (buffer is null)
                {
                    _ = await input.ReadAsync(Memory<byte>.Empty, connection.Ended);
                    buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
                }
                MakeRoom(ref buffer, ref start, ref end);
                var count = await input.ReadAsync(buffer.AsMemory(end), connection.Ended);
                if (count == 0)
                {
                    OnCloseWritten();
                    return true;
                }
                end += count;
                while (start < end)
                {
                    var kind = reader.Read(buffer.AsMemory(start, end - start), out var consumed, out var payload);
                    if (kind == InboundKind.Incomplete)
                    {
                        break;
                    }
                    if (await connection.ActAsync(kind, payload, reader, handle))
                    {
                        return kind != InboundKind.Violation;
                    }
                    start += consumed;
                }
            }
        }
        finally
        {
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Takes what the peer had under way when it was refused: closing with unread bytes would reset the connection, and the peer would never
    /// see why. Ends when it is quiet or gone.</summary>
    private async Task DiscardAsync(CancellationToken ended)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var begin = time.GetTimestamp();
            while (time.GetElapsedTime(begin) < Connection.CloseGrace)
            {
                using var quiet = CancellationTokenSource.CreateLinkedTokenSource(ended);
                quiet.CancelAfter(QuietAfterRefusal);
                if (await input.ReadAsync(buffer, quiet.Token) == 0)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (!ended.IsCancellationRequested)
        {
            // Quiet: it has seen why by now.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Moves what is unread to the front, and into a larger buffer when a frame fills the whole one. Growth is bounded: the reader refuses a frame
    /// over the limit by its header.</summary>
    private static void MakeRoom(ref byte[] buffer, ref int start, ref int end)
    {
        if (end < buffer.Length)
        {
            return;
        }
        var target = start == 0 ? ArrayPool<byte>.Shared.Rent(buffer.Length * 2) : buffer;
        buffer.AsSpan(start, end - start).CopyTo(target);
        if (target != buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = target;
        }
        end -= start;
        start = 0;
    }
}
