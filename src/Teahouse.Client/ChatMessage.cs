namespace Teahouse.Client;

/// <summary>One message of a room as it is after revision <see cref="Rev"/>.</summary>
public sealed record ChatMessage
{
    /// <summary>The server's id; grows inside a room.</summary>
    public required long Id { get; init; }

    /// <summary>The place in the room: 1, 2, 3 … without a hole.</summary>
    public required long Seq { get; init; }

    /// <summary>The room's revision of this message's latest change.</summary>
    public required long Rev { get; init; }

    /// <summary>The author's name.</summary>
    public required string User { get; init; }

    /// <summary>What the author wants to be called; null when it is the name.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The author is a guest or a visitor without identity.</summary>
    public bool IsGuest { get; init; }

    /// <summary>A program wrote it.</summary>
    public bool IsBot { get; init; }

    /// <summary>The text; empty once deleted.</summary>
    public required string Text { get; init; }

    /// <summary>When it was written, in the server's zone.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last edited; null if never.</summary>
    public DateTimeOffset? EditedAt { get; init; }

    /// <summary>It was deleted; its place stays.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>The sender's own id for it; null when it had none.</summary>
    public string? Nonce { get; init; }

    /// <summary>Null for what people write; else what happened to the room.</summary>
    public SystemEvent? Event { get; init; }
}

/// <summary>What a system message is about.</summary>
/// <param name="Type">Such as <c>member_joined</c> or <c>title_changed</c>.</param>
/// <param name="Actor">Who did it.</param>
/// <param name="User">Whom it happened to, or null.</param>
/// <param name="Value">The new title, topic, access or role, or null.</param>
public sealed record SystemEvent(string Type, string? Actor = null, string? User = null, string? Value = null);

/// <summary>The server has the message on disk.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Seq">Its place in the room.</param>
/// <param name="Rev">The room's revision that it made.</param>
public sealed record SendReceipt(long Id, long Seq, long Rev);
