namespace Teahouse.Client;

/// <summary>The server said no, or the client cannot know whether it said yes. <see cref="Code"/> is stable; the message is for people.</summary>
public sealed class TeahouseException(string code, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>One of the constants of <see cref="ErrorCodes"/>, or one that a newer server added.</summary>
    public string Code { get; } = code;

    /// <summary>The WebSocket close code that the connection ended with, if that is what this is about.</summary>
    public int? CloseCode { get; init; }

    /// <summary>The HTTP status of the answer, if that is what this is about.</summary>
    public int? Status { get; init; }

    /// <summary>45xx: not to come back.</summary>
    internal bool IsFinal => CloseCode is >= 4500 and < 4600;

    internal static TeahouseException ForClose(int closeCode) => new(closeCode switch
    {
        4501 => ErrorCodes.SignedOut,
        4503 => ErrorCodes.Forbidden,
        4504 => ErrorCodes.BadRoom,
        4505 => ErrorCodes.TooManyConnections,
        _ => ErrorCodes.Closed,
    }, $"The server closed the connection ({closeCode}).")
    { CloseCode = closeCode };
}

/// <summary>The values of <see cref="TeahouseException.Code"/>.</summary>
public static class ErrorCodes
{
    /// <summary>The text holds characters that cannot be shown, or nothing visible.</summary>
    public const string BadText = "bad_text";

    /// <summary>The text is empty.</summary>
    public const string EmptyMessage = "empty_message";

    /// <summary>The text is longer than the server takes.</summary>
    public const string TooLong = "too_long";

    /// <summary>The name cannot be a room's, or the room was deleted.</summary>
    public const string BadRoom = "bad_room";

    /// <summary>Not allowed, or no such room: alike.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>The same nonce was used for another text.</summary>
    public const string Conflict = "conflict";

    /// <summary>The session or token has ended or is not known.</summary>
    public const string SignedOut = "signed_out";

    /// <summary>The account has too many sockets open.</summary>
    public const string TooManyConnections = "too_many_connections";

    /// <summary>The nickname is not allowed or belongs to a user.</summary>
    public const string BadNickname = "bad_nickname";

    /// <summary>The server does not take the handshake: wrong address, origin or token.</summary>
    public const string HandshakeRefused = "handshake_refused";

    /// <summary>The connection broke before the answer came. Of a send this is said only to visitors without identity; the message may or may not be there.</summary>
    public const string ConnectionLost = "connection_lost";

    /// <summary>More sends wait than <see cref="TeahouseClientOptions.WaitingSends"/>.</summary>
    public const string OutboxFull = "outbox_full";

    /// <summary>The client was disposed of, the room was left, or the server ended the connection for a reason that has no other code.</summary>
    public const string Closed = "closed";

    // Refusals that pass by waiting; the client waits, callers never see them.
    internal const string RateLimited = "rate_limited";
    internal const string Busy = "busy";
}
