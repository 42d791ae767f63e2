namespace Teahouse.Messages;

/// <summary>Everything the room page shows, read in one go.</summary>
public sealed record RoomView
{
    public required string Name { get; init; }
    public required string Title { get; init; }
    public required string Topic { get; init; }

    /// <summary>What stands above the conversation instead of the title, such as whom one talks with.</summary>
    public string? Heading { get; init; }

    /// <summary>What the room belongs to, below the heading.</summary>
    public RoomCaption? Caption { get; init; }

    /// <summary>Why nothing can be written, when that is not because the room was archived.</summary>
    public string? WhyClosed { get; init; }

    /// <summary><c>Guests</c>, <c>Members</c> or <c>Private</c>: the key of its text.</summary>
    public required string Access { get; init; }

    public required bool IsArchived { get; init; }
    public required bool CanModerate { get; init; }

    /// <summary>Whose messages the reader may remove: <c>all</c>, their <c>own</c>, or <c>none</c>.</summary>
    public string Removes => CanModerate ? "all" : IsKnown && !IsArchived ? "own" : "none";

    /// <summary>The reader may edit what they have said.</summary>
    public bool Edits => IsKnown && !IsArchived && WhyClosed is null;

    /// <summary>Two people and no more: sent messages show when the other one has read them.</summary>
    public required bool IsPair { get; init; }

    public required long OtherReadSeq { get; init; }

    /// <summary>The reader's name on the wire.</summary>
    public required string Me { get; init; }

    /// <summary>How the reader wants to be called.</summary>
    public required string MeName { get; init; }

    public required bool IsGuest { get; init; }

    /// <summary>By which a guest's own messages are known on the page, as <see cref="Message.GuestTag"/>; null for everybody else.</summary>
    public required string? GuestId { get; init; }

    /// <summary>Whether the server can tell a repeated nonce of this reader.</summary>
    public required bool IsKnown { get; init; }

    /// <summary>A visitor who has not chosen a nickname.</summary>
    public required bool IsNameless { get; init; }

    public required bool IsMember { get; init; }

    /// <summary>An open room whose member the reader is not.</summary>
    public required bool CanJoin { get; init; }

    /// <summary>An owner hands the room on or deletes it instead, in its settings.</summary>
    public required bool CanLeave { get; init; }

    public required IReadOnlyList<MessageView> Messages { get; init; }
    public required bool HasOlder { get; init; }
    public required bool HasNewer { get; init; }
    public required long Rev { get; init; }
    public required string Epoch { get; init; }
    public required long LastSeq { get; init; }
    public required long LastReadSeq { get; init; }
    public required IReadOnlyList<MemberView> Members { get; init; }

    /// <summary>IANA name of the zone the times are shown in.</summary>
    public required string TimeZone { get; init; }

    /// <summary>How many code points a message may have; 0: any number.</summary>
    public required int MaxChars { get; init; }

    /// <summary>A name nobody has used yet: its first message makes the room.</summary>
    public required bool IsUnborn { get; init; }

    /// <summary>The next message's nonce for a form sent without scripts.</summary>
    public required string Nonce { get; init; }

    /// <summary>What was written when sending was refused, and why; both empty otherwise.</summary>
    public string? Draft { get; init; }

    public string? Error { get; init; }

    /// <summary>JSON of the texts for scripts.</summary>
    public required string ScriptTexts { get; init; }

    public long FirstSeq => Messages.Count == 0 ? 0 : Messages[0].Seq;
    public long LastShownSeq => Messages.Count == 0 ? 0 : Messages[^1].Seq;
}

/// <summary>A member in the side pane.</summary>
/// <param name="Username">On the wire.</param>
/// <param name="Name">As shown.</param>
/// <param name="IsOwner">The room's, or its project's.</param>
/// <param name="Tag">What they are there, worded; null for ordinary members.</param>
/// <param name="IsOnline">Now; the page's script keeps it so.</param>
/// <param name="AvatarColour">Null for that of the name.</param>
public sealed record MemberView(string Username, string Name, bool IsOwner, string? Tag, bool IsOnline, long? AvatarColour);

/// <summary>A line with a link below a conversation's heading.</summary>
public sealed record RoomCaption(string Text, string Url);
