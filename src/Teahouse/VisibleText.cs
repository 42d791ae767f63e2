using System.Globalization;
using System.Text;

namespace Teahouse;

/// <summary>Tells what a reader can see from what only takes up a place.</summary>
public static class VisibleText
{
    /// <summary>False for what draws nothing by itself: spaces, format characters, marks without a base, and the letters that are blank on purpose.</summary>
    public static bool Shows(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Format or UnicodeCategory.Control or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.OtherNotAssigned => false,
        // Hangul fillers and the blank Braille pattern.
        _ => rune.Value is not (0x115F or 0x1160 or 0x3164 or 0xFFA0 or 0x2800),
    };

    /// <summary>One line as a person writes it, trimmed; empty for nothing. Null when it is longer than <paramref name="maxChars"/> code points, shows nothing, or holds control
    /// characters or the marks by which a line is made to read backwards.</summary>
    public static string? Line(string? text, int maxChars)
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
            shows = shows || Shows(rune);
            i += rune.Utf16SequenceLength;
        }
        return count <= maxChars && shows ? line : null;
    }

    // The zero-width joiner belongs to emoji and to several scripts; the rest of the format characters only deceive here.
    private static bool IsInvisible(Rune rune) => rune.Value is not (0x200C or 0x200D)
        && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
