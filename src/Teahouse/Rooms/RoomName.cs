using System.Text;

namespace Teahouse.Rooms;

/// <summary>The rule for room names: 1 to 50 Unicode letters, digits, <c>_</c> and <c>-</c>, in NFC (SPEC 1).</summary>
public static class RoomName
{
    public const int MaxLength = 50;

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
        var count = 0;
        foreach (var rune in normal.EnumerateRunes())
        {
            if (!IsAllowed(rune) || ++count > MaxLength)
            {
                return false;
            }
        }
        // A combining mark cannot begin a name: it would join onto whatever stands before it.
        if (IsMark(normal.EnumerateRunes().First()))
        {
            return false;
        }
        name = normal;
        return true;
    }

    /// <summary>What uniqueness is compared by.</summary>
    public static string Key(string name) => name.Normalize(NormalizationForm.FormC).ToLowerInvariant().Normalize(NormalizationForm.FormC);

    // Marks belong to the letters of many scripts (Devanagari, Thai); a name in them could not be written without.
    private static bool IsAllowed(Rune rune) =>
        rune.Value is '_' or '-' || Rune.IsLetterOrDigit(rune) || IsMark(rune);

    private static bool IsMark(Rune rune) => Rune.GetUnicodeCategory(rune)
        is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark;
}
