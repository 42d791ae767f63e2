using System.Globalization;

namespace Teahouse.Messages;

/// <summary>The list of my rooms, for <c>_RoomList.cshtml</c>; the script keeps it up to date.</summary>
public sealed record RoomListView
{
    public required string Me { get; init; }

    /// <summary>How the reader wants to be called.</summary>
    public required string MeName { get; init; }

    public required string Epoch { get; init; }
    public required string TimeZone { get; init; }

    /// <summary>JSON of the texts for the script.</summary>
    public required string ScriptTexts { get; init; }

    /// <summary>The room that is open on this page; null for none.</summary>
    public required string? Open { get; init; }

    public required IReadOnlyList<RoomRow> Rooms { get; init; }
    public required IReadOnlyList<RoomRow> ProjectChats { get; init; }

    /// <summary>The rooms without a row: <c>name rev unread,…</c>, for no name has a space or a comma; null when all have one.</summary>
    public required string? Others { get; init; }
}

/// <summary>One room of the list.</summary>
public sealed record RoomRow
{
    public required string Name { get; init; }

    /// <summary>Its page.</summary>
    public required string Address { get; init; }

    /// <summary>In a chat of the reader's own project whom it is with; null elsewhere.</summary>
    public required string? Visitor { get; init; }

    public required string Title { get; init; }

    /// <summary>A name in <c>Assets/icons/icons.txt</c>.</summary>
    public required string Icon { get; init; }

    public required long Rev { get; init; }
    public required long LastSeq { get; init; }
    public required long ReadSeq { get; init; }
    public required long Unread { get; init; }

    /// <summary>In the reader's time zone.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The time for today, the date for earlier.</summary>
    public required string When { get; init; }

    /// <summary>What was said last and by whom; empty before the first message.</summary>
    public required string LastLine { get; init; }

    public required bool IsArchived { get; init; }

    /// <summary>A conversation of two, of which one is told even if one wants to hear of little.</summary>
    public required bool IsChat { get; init; }

    public string Badge => Unread > 99 ? "99+" : Unread.ToString(CultureInfo.InvariantCulture);
}
