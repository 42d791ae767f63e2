namespace Teahouse.Bench.Load;

/// <summary>How to speak to a server: where the rooms are, and what stands around a message's text.</summary>
internal sealed record Wire
{
    /// <summary>The request's path, with <c>{room}</c> for the room's name.</summary>
    public required string Path { get; init; }

    public required string BeforeText { get; init; }
    public required string AfterText { get; init; }
    public string? Subprotocol { get; init; }

    /// <summary>A server that accepts its own pages only wants their <c>Origin</c>.</summary>
    public bool SendsOrigin { get; init; }

    /// <summary>What is said first.</summary>
    public string? Opening { get; init; }

    /// <summary>What the server's answer holds once messages may be sent; null when the upgrade is enough.</summary>
    public string? ReadyWhen { get; init; }

    /// <summary>A text that is a question, and its answer (heartbeats above the WebSocket).</summary>
    public (string Question, string Answer)? Heartbeat { get; init; }
}
