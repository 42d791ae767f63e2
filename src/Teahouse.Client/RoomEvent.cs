namespace Teahouse.Client;

/// <summary>Something that happened in a room. Who begins with <see cref="RoomReset"/> and applies every <see cref="MessageArrived"/> and
/// <see cref="MessageChanged"/> in turn has exactly what the server has.</summary>
public abstract record RoomEvent;

/// <summary>Why a room's view begins anew.</summary>
public enum ResetReason
{
    /// <summary>The room was just joined.</summary>
    Joined,

    /// <summary>More was missed than the server gives at once, or its history is another one (after a restore).</summary>
    Missed,

    /// <summary>The reader of the events fell behind; what waited was dropped.</summary>
    SlowReader,
}

/// <summary>Forget what you have of this room; this is what it shows now. Always the first event.</summary>
/// <param name="Messages">The latest messages by <c>seq</c>; older ones are to be had from the server's history.</param>
/// <param name="Reason">Why.</param>
public sealed record RoomReset(IReadOnlyList<ChatMessage> Messages, ResetReason Reason) : RoomEvent;

/// <summary>A new message, the next one by <c>seq</c>.</summary>
public sealed record MessageArrived(ChatMessage Message) : RoomEvent;

/// <summary>An earlier message was edited or deleted; perhaps one older than what is known here.</summary>
public sealed record MessageChanged(ChatMessage Message) : RoomEvent;

/// <summary>Somebody, perhaps oneself elsewhere, has read up to this message.</summary>
public sealed record ReadMarkMoved(string User, long Seq) : RoomEvent;

/// <summary>Somebody is writing; forgotten when nothing follows for a few seconds.</summary>
public sealed record UserTyping(string User) : RoomEvent;

/// <summary>Somebody came or went.</summary>
/// <param name="User">Who; null when many did at once.</param>
/// <param name="IsOnline">Whether <paramref name="User"/> is there now.</param>
/// <param name="MembersOnline">How many are.</param>
public sealed record PresenceChanged(string? User, bool IsOnline, int MembersOnline) : RoomEvent;

/// <summary>The room itself was changed.</summary>
/// <param name="Title">Its title now.</param>
/// <param name="Topic">Its topic now.</param>
/// <param name="Access"><c>guests</c>, <c>members</c> or <c>private</c>.</param>
/// <param name="IsArchived">It can only be read.</param>
public sealed record RoomChanged(string? Title, string? Topic, string? Access, bool IsArchived) : RoomEvent;

/// <summary>The connection broke; the client is coming back by itself.</summary>
public sealed record ConnectionLost : RoomEvent;

/// <summary>The room is whole again: what was missed stands before this event.</summary>
public sealed record ConnectionRestored : RoomEvent;
