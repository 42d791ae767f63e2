using System.Globalization;
using System.Text;

namespace Teahouse.Rooms;

/// <summary>The rules for what people write about a room: trimmed, one line, visible.</summary>
public static class RoomInput
{
    /// <summary>Longest title, in Unicode code points.</summary>
    public const int MaxTitle = 100;

    /// <summary>Longest topic, in Unicode code points.</summary>
    public const int MaxTopic = 250;

    /// <summary>The title as stored; the room's name when nothing was written.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.BadTitle"/>.</exception>
    public static string Title(string? text, string name) =>
        Line(text, MaxTitle) is { } title ? (title.Length == 0 ? name : title) : throw new RefusedException(Refusal.BadTitle, MaxTitle);

    /// <exception cref="RefusedException"><see cref="Refusal.BadTopic"/>.</exception>
    public static string Topic(string? text) => Line(text, MaxTopic) ?? throw new RefusedException(Refusal.BadTopic, MaxTopic);

    /// <exception cref="RefusedException"><see cref="Refusal.BadChoice"/>.</exception>
    public static Access Access(string? text) => text switch
    {
        "guests" => Rooms.Access.Guests,
        "members" => Rooms.Access.Members,
        "private" => Rooms.Access.Private,
        _ => throw new RefusedException(Refusal.BadChoice),
    };

    /// <exception cref="RefusedException"><see cref="Refusal.BadChoice"/>.</exception>
    public static Role Role(string? text) => text switch
    {
        "owner" => Rooms.Role.Owner,
        "moderator" => Rooms.Role.Moderator,
        "member" => Rooms.Role.Member,
        _ => throw new RefusedException(Refusal.BadChoice),
    };

    /// <summary>Null when the text is too long, shows nothing, or holds control characters or the marks by which a line is made to read backwards.</summary>
    private static string? Line(string? text, int maxChars)
    {
        var line = (text ?? "").Trim();
        var count = 0;
        var shows = line.Length == 0;
        for (var i = 0; i < line.Length; count++)
        {
            if (!Rune.TryGetRuneAt(line, i, out var rune) || Rune.IsControl(rune) || IsInvisible(rune))
            {
                return null;
            }
            shows = shows || VisibleText.Shows(rune);
            i += rune.Utf16SequenceLength;
        }
        return count <= maxChars && shows ? line : null;
    }

    // The zero-width joiner belongs to emoji and to several scripts; the rest of the format characters only deceive here.
    private static bool IsInvisible(Rune rune) => rune.Value is not (0x200C or 0x200D)
        && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
