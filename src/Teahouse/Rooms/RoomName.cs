using System.Globalization;
using System.Text;
using Teahouse.Accounts;

namespace Teahouse.Rooms;

/// <summary>The rule for room names: 1 to 50 Unicode letters, digits, <c>_</c> and <c>-</c>, in NFC (SPEC 1).</summary>
public static class RoomName
{
    public const int MaxLength = 50;

    private const int MaxSearchLength = 100;

    // More marks than this on one letter paint over the lines around it.
    private const int MaxMarks = 4;

    /// <summary>Parses a name as typed or as taken from a path. Returns false for anything the rule does not allow.</summary>
    /// <param name="text">The name as given.</param>
    /// <param name="name">Its NFC form; empty when refused.</param>
    public static bool TryParse(string? text, out string name)
    {
        name = "";
        if (string.IsNullOrEmpty(text) || text.Length > MaxLength * 4)
        {
            return false;
        }
        string normal;
        try
        {
            normal = text.Normalize(NormalizationForm.FormC);
        }
        catch (ArgumentException)
        {
            // A lone surrogate has no normal form.
            return false;
        }
        int count = 0, marks = 0;
        foreach (var rune in normal.EnumerateRunes())
        {
            marks = IsMark(rune) ? marks + 1 : 0;
            // A combining mark cannot begin a name: it would join onto whatever stands before it.
            if (!IsAllowed(rune) || marks > MaxMarks || (count == 0 && marks > 0) || ++count > MaxLength)
            {
                return false;
            }
        }
        name = normal;
        return true;
    }

    /// <summary>What uniqueness is compared by.</summary>
    public static string Key(string name) => Ascii.IsValid(name) ? name.ToLowerInvariant() :
        // Up and down again: letters with two lower-case forms (σ, ς; s, ſ) become one.
        name.Normalize(NormalizationForm.FormC).ToUpperInvariant().ToLowerInvariant().Normalize(NormalizationForm.FormC);

    /// <summary>What a search for rooms looks through: several texts, folded like a name.</summary>
    public static string SearchKey(params ReadOnlySpan<string> texts) => Key(string.Join(' ', texts));

    /// <summary>What a search box holds, trimmed and of a length worth looking for.</summary>
    public static string SearchText(string? text)
    {
        var trimmed = (text ?? "").Trim();
        var length = Math.Min(trimmed.Length, MaxSearchLength);
        // Not through the middle of a character: half of one has no normal form to look for.
        return trimmed[..(length > 0 && char.IsHighSurrogate(trimmed[length - 1]) ? length - 1 : length)];
    }

    /// <summary>The pattern by which a part of such a text is found with <c>LIKE … ESCAPE '\'</c>; empty for an empty one.</summary>
    public static string SearchPattern(string text) => text.Length == 0 ? ""
        : $"%{SearchKey(text).Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal)}%";

    // Marks belong to the letters of many scripts (Devanagari, Thai); a name in them could not be written without. Some letters and marks draw
    // nothing: with one of those two different names would look the same.
    private static bool IsAllowed(Rune rune) =>
        (rune.Value is '_' or '-' || Rune.IsLetterOrDigit(rune) || IsMark(rune)) && !Scripts.IsInvisible(rune);

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
