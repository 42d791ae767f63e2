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

    /// <summary>By what <see cref="IRounds"/> know the peer, on the thread of the rounds and until the wire ends; -1 when it has ended, and where there are no rounds.</summary>
    int Handle { get; }

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

    /// <summary>A feed that was enqueued may have its round sooner than it seemed. From any thread.</summary>
    void Wake();

    /// <summary>True on the thread of the rounds.</summary>
    bool IsCurrent { get; }

    /// <summary>Sees that it ends when it is time. On the thread of the rounds only.</summary>
    void Gather(Gathering gathering);

    /// <summary>Writes what the peer takes at once and returns how many bytes that was, or -1 when the peer has gone. On the thread of the rounds only.</summary>
    int Send(int handle, ReadOnlySpan<byte> bytes);

    /// <summary>Writes a round to one after the other, from the last to the first, until one keeps no step or has not taken all of its form. Returns how many have. On the thread of the rounds only.</summary>
    /// <param name="to">To whom.</param>
    /// <param name="plain">The round for those who are plain; may be empty.</param>
    /// <param name="v1">The round for the others; may be empty.</param>
    /// <param name="written">What <see cref="Send(int, ReadOnlySpan{byte})"/> returned for the one that ended it, when it keeps step.</param>
    int Send(ReadOnlySpan<RoundTarget> to, ReadOnlySpan<byte> plain, ReadOnlySpan<byte> v1, out int written);
}
