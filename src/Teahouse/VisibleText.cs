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
}
