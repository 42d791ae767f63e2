using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Teahouse.Accounts;

/// <summary>What names are compared by: without regard to case, and by how they look (Unicode TS 39, "skeleton"). Thread-safe.</summary>
internal static class NameSkeleton
{
    /// <summary>Code point → the text it looks like. From <c>Data/confusables.txt</c>.</summary>
    private static readonly Lazy<FrozenDictionary<int, string>> LooksLike = new(() =>
        EmbeddedData.Lines("confusables.txt").Select(line => line.Split(' '))
            .ToDictionary(
                parts => int.Parse(parts[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                parts => string.Concat(parts[1..].Select(part => char.ConvertFromUtf32(int.Parse(part, NumberStyles.HexNumber, CultureInfo.InvariantCulture)))))
            .ToFrozenDictionary());

    /// <summary>Shows nothing above a letter that has a dot already (UTS 39, "hidden overlays").</summary>
    private const int DotAbove = 0x307;

    /// <summary>Case-folded NFKC: two names with the same key are the same name.</summary>
    /// <exception cref="ArgumentException">A lone surrogate.</exception>
    public static string Key(string name) =>
        // Up and down again: letters with two lower-case forms (σ, ς) become one.
        name.Normalize(NormalizationForm.FormKC).ToUpperInvariant().ToLowerInvariant().Normalize(NormalizationForm.FormKC);

    /// <summary>Names with the same skeleton can be taken for each other. A name in capitals may look like another one than in small letters (В is B, в is not b), so that
    /// names of one <see cref="Key"/> can have several.</summary>
    /// <exception cref="ArgumentException">A lone surrogate.</exception>
    public static string Of(string name)
    {
        var skeleton = new StringBuilder(name.Length);
        var hasDot = false;
        foreach (var rune in name.Normalize(NormalizationForm.FormKC).Normalize(NormalizationForm.FormD).EnumerateRunes())
        {
            if (Scripts.IsInvisible(rune) || (hasDot && rune.Value == DotAbove))
            {
                continue;
            }
            var look = Look(rune);
            skeleton.Append(look);
            // Marks on a letter leave it its dot. In a skeleton an i is an l already.
            hasDot = Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark ? hasDot : look is [.., 'l' or 'j'];
        }
        return skeleton.ToString().Normalize(NormalizationForm.FormD);
    }

    private static string Look(Rune rune)
    {
        if (LooksLike.Value.TryGetValue(rune.Value, out var like))
        {
            return like;
        }
        var small = Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune));
        return LooksLike.Value.TryGetValue(small.Value, out like) ? like : small.ToString();
    }
}
