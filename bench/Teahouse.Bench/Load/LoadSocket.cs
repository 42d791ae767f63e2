namespace Teahouse.Bench.Load;

internal enum SocketState
{
    Connecting,
    Upgrading,
    Opening,
    Ready,
    Closed,
}

/// <summary>One client of the load. Owns no buffer unless half a frame waits.</summary>
internal sealed class LoadSocket(int id, int room, int member)
{
    public int Id { get; } = id;
    public int Room { get; } = room;
    public int Member { get; } = member;
    public int File { get; set; } = -1;
    public SocketState State { get; set; } = SocketState.Closed;

    /// <summary>What was received and is not whole yet.</summary>
    public byte[] Rest { get; set; } = [];

    /// <summary>The message of which more pieces follow; null between messages.</summary>
    public byte[]? Pieces { get; set; }

    /// <summary>What the kernel would not take yet.</summary>
    public byte[] Unsent { get; set; } = [];
}
