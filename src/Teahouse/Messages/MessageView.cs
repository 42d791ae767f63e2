using System.Globalization;

namespace Teahouse.Messages;

/// <summary>One message as <c>_Message.cshtml</c> shows it; <see cref="Template"/> is the empty one that the page's script clones.</summary>
public sealed record MessageView
{
    public required long Id { get; init; }
    public required long Seq { get; init; }
    public required long Rev { get; init; }

    /// <summary>The author's name on the wire, by which a reader's own messages are known; empty for system messages.</summary>
    public required string Author { get; init; }

    /// <summary>The name that is shown.</summary>
    public required string Name { get; init; }

    /// <summary>Null for that of the name.</summary>
    public long? AvatarColour { get; init; }

    public required bool IsGuest { get; init; }

    /// <summary>See <see cref="Message.GuestTag"/>; null for everybody but guests with a nickname.</summary>
    public string? GuestId { get; init; }

    public required bool IsSystem { get; init; }

    /// <summary>A program wrote it.</summary>
    public required bool IsBot { get; init; }

    /// <summary>The text as written; for a system message already in the reader's language.</summary>
    public required string Text { get; init; }

    /// <summary>In the reader's time zone.</summary>
    public required DateTimeOffset At { get; init; }

    public required bool IsEdited { get; init; }
    public required bool IsDeleted { get; init; }
    public required bool IsOwn { get; init; }

    /// <summary>It calls the reader by name.</summary>
    public bool IsMention { get; init; }

    /// <summary>The wording of the day that begins with this message; null when it goes on.</summary>
    public string? Day { get; init; }

    /// <summary>Whether it begins and ends a group: one author's messages within five minutes of each other.</summary>
    public bool IsFirst { get; init; } = true;

    public bool IsLast { get; init; } = true;

    /// <summary>Whether the line above it says that what follows is unread.</summary>
    public bool IsFirstUnread { get; init; }

    public bool IsTemplate { get; init; }

    public string Style => string.Join(' ', Styles());

    /// <summary>ISO 8601 with milliseconds and offset, as on the wire.</summary>
    public string Timestamp => At.ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture);

    public static MessageView Template { get; } = new()
    {
        Id = 0,
        Seq = 0,
        Rev = 0,
        Author = "",
        Name = "",
        IsGuest = false,
        IsSystem = false,
        IsBot = false,
        Text = "",
        At = default,
        IsEdited = false,
        IsDeleted = false,
        IsOwn = false,
        IsTemplate = true,
    };

    private IEnumerable<string> Styles()
    {
        yield return "msg";
        if (IsSystem)
        {
            yield return "msg-system";
        }
        if (IsOwn)
        {
            yield return "msg-own";
        }
        if (IsMention)
        {
            yield return "msg-mention";
        }
        if (IsDeleted)
        {
            yield return "msg-deleted";
        }
        if (IsFirst)
        {
            yield return "msg-first";
        }
        if (IsLast)
        {
            yield return "msg-last";
        }
    }
}
