namespace Teahouse.Realtime;

/// <summary>What carries a connection's bytes: a stream of the web server (<see cref="StreamWire"/>), or a socket of our own event loop.</summary>
internal interface IWire
{
    /// <summary>The event loop that delivers whole rooms at once; null where each connection writes for itself.</summary>
    IRounds? Rounds { get; }

    /// <summary>From now on the connection may be written to, and hears when the wire has ended.</summary>
    void Attach(Connection connection);

    /// <summary>Begins to read, and ends the connection when either side has closed. May return long before that.</summary>
    Task RunAsync(HandleText handle);

    /// <summary>Runs the connection's writing pump soon.</summary>
    void Schedule(Connection connection);

    /// <summary>Writes everything, waiting for a slow peer. Called by the pump, one call at a time.</summary>
    /// <exception cref="IOException">The peer has gone.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct);

    /// <summary>Writes what the peer takes at once and returns how many bytes that was, or -1 when the peer has gone. Only where <see cref="Rounds"/> is not null, on its thread.</summary>
    int WriteNow(ReadOnlySpan<byte> bytes);

    /// <summary>The closing frame has been handed to the peer; nothing more will be written.</summary>
    void OnCloseWritten();

    /// <summary>Drops the peer without ceremony. May be called from any thread, and again.</summary>
    void Abort();
}

/// <summary>Serves feeds by rounds: one pass over everybody in a room, with everything they lack.</summary>
internal interface IRounds
{
    /// <summary>Something was appended. Returns at once; may be called from any thread.</summary>
    void Enqueue(Feed feed);
}
