using System.ComponentModel.DataAnnotations;

namespace Teahouse.Messages;

/// <summary>A message.</summary>
/// <remarks>As <see cref="MessageEncoder"/> writes it: here for the API's document, whose tests hold the two together.</remarks>
/// <param name="Message">The text; empty once deleted.</param>
/// <param name="User">The author's name.</param>
/// <param name="Username">The same.</param>
/// <param name="Time">When, in the server's zone, to the second.</param>
/// <param name="Timestamp">When, in the server's zone.</param>
/// <param name="Room">The room's name.</param>
/// <param name="Id">Grows inside a room.</param>
/// <param name="Seq">1, 2, 3 … without a hole.</param>
/// <param name="Rev">The room's revision of the latest change of this message.</param>
/// <param name="Kind"><c>text</c>, or <c>system</c> for what happened to the room.</param>
/// <param name="Guest">By a visitor without account.</param>
public sealed record MessageAnswer(string Message, string User, string Username, string Time, DateTimeOffset Timestamp, string Room, long Id, long Seq, long Rev, [property: AllowedValues("text", "system")] string Kind,
    bool Guest)
{
    /// <summary>The author's own id for it.</summary>
    public string? Nonce { get; init; }

    /// <summary>Of a guest with a nickname: the same for all that one guest says in this room, and nobody else's.</summary>
    public string? GuestId { get; init; }

    /// <summary>True when a program wrote it.</summary>
    public bool? Bot { get; init; }

    /// <summary>What the author wants to be called.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The avatar colour the author chose, one of ten; left out for that of the name.</summary>
    [Range(0, 9)]
    public long? AvatarColour { get; init; }

    /// <summary>What a system message is about.</summary>
    public MessageEvent? Event { get; init; }

    /// <summary>When it was last changed by its author.</summary>
    public DateTimeOffset? EditedAt { get; init; }

    /// <summary>True once deleted; its number stays.</summary>
    public bool? Deleted { get; init; }
}

/// <summary>What happened to a room.</summary>
/// <param name="Type">Such as <c>member_joined</c>.</param>
/// <param name="Actor">Who did it.</param>
public sealed record MessageEvent(string Type, string Actor)
{
    /// <summary>Whom it happened to.</summary>
    public string? User { get; init; }

    /// <summary>The new title, topic, access or role.</summary>
    public string? Value { get; init; }
}

/// <summary>A page of a room's history.</summary>
/// <param name="Messages">Oldest first; for <c>since_rev</c>, lowest revision first.</param>
/// <param name="HasMore">There are more in the direction asked for.</param>
/// <param name="Rev">Where to go on with <c>since_rev</c> or a stream.</param>
/// <param name="Epoch">The name of this history; another one after a restore.</param>
public sealed record MessagePage(IReadOnlyList<MessageAnswer> Messages, bool HasMore, long Rev, string Epoch)
{
    /// <summary>In a room of two: up to where the other one has read.</summary>
    public long? OtherReadSeq { get; init; }
}
