using System.Globalization;
using System.Text;

namespace Teahouse.Accounts;

/// <summary>Which writing systems a name mixes (Unicode TS 39, "highly restrictive"), and what cannot be seen in it. Thread-safe.</summary>
internal static class Scripts
{
    private static readonly Lazy<Span[]> Table = new(() =>
        [.. EmbeddedData.Lines("scripts.txt").SelectMany(Parse).OrderBy(span => span.First)]);

    // Chinese, Japanese and Korean are written with letters of several scripts, and with Latin words in between.
    private static readonly string[][] UsualMixes =
    [
        ["Latin", "Han", "Hiragana", "Katakana"],
        ["Latin", "Han", "Bopomofo"],
        ["Latin", "Han", "Hangul"],
    ];

    /// <summary>True when all letters are of one script or of a usual mix; what belongs to no script (digits, punctuation) is left out.</summary>
    public static bool IsUsualMix(string name)
    {
        var used = name.EnumerateRunes().Select(Of).OfType<string>().ToHashSet();
        return used.Count <= 1 || UsualMixes.Any(used.IsSubsetOf);
    }

    /// <summary>Shows nothing though it is no white space: format and bidi controls, fillers, variation selectors, the blank Braille cell.</summary>
    public static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.Control or UnicodeCategory.Surrogate
            or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || rune.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0
            or (>= 0x180B and <= 0x180F) or (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0000 and <= 0xE0FFF);

    private static string? Of(Rune rune)
    {
        var table = Table.Value;
        int low = 0, high = table.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (rune.Value < table[middle].First)
            {
                high = middle - 1;
            }
            else if (rune.Value > table[middle].Last)
            {
                low = middle + 1;
            }
            else
            {
                return table[middle].Script;
            }
        }
        return null;
    }

    private static IEnumerable<Span> Parse(string line)
    {
        var parts = line.Split(' ');
        foreach (var range in parts.Skip(1))
        {
            var ends = range.Split('-');
            yield return new Span(Number(ends[0]), Number(ends[^1]), parts[0]);
        }
    }

    private static int Number(string hex) => int.Parse(hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private readonly record struct Span(int First, int Last, string Script);
}
