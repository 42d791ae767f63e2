using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Teahouse.Projects;

/// <summary>The rule for a project's slug: 1 to 50 of <c>a</c>–<c>z</c>, <c>0</c>–<c>9</c>, <c>-</c> and <c>_</c>.</summary>
public static class ProjectSlug
{
    public const int MaxLength = 50;

    // Without signs that are easily taken for others.
    private const string IdLetters = "abcdefghjkmnpqrstuvwxyz23456789";
    private const int IdLength = 8;

    // Pages of the same folder.
    private const string Reserved = "new";

    /// <summary>Parses a slug as typed or as taken from a path, upper case too. Returns false for anything the rule does not allow.</summary>
    public static bool TryParse(string? text, out string slug)
    {
        slug = (text ?? "").Trim().ToLowerInvariant();
        return slug.Length is > 0 and <= MaxLength && slug.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '-' or '_');
    }

    public static bool IsReserved(string slug) => slug == Reserved;

    /// <summary>Slugs for a title, the nicest first: its letters so far as they are Latin; a short random one for a title in another script; then with a
    /// number, for when the nicer ones are taken.</summary>
    public static IEnumerable<string> For(string title)
    {
        var words = Words(title);
        if (words.Length > 0 && !IsReserved(words))
        {
            yield return words;
        }
        for (var number = 2; words.Length > 0 && number < 10; number++)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{words}-{number}");
        }
        while (true)
        {
            var id = RandomNumberGenerator.GetString(IdLetters, IdLength);
            yield return words.Length > 0 ? $"{words}-{id}" : $"p-{id}";
        }
    }

    /// <summary>Empty when less than half of the title's letters are Latin: what is left of it would say nothing.</summary>
    private static string Words(string title)
    {
        var slug = new StringBuilder();
        int kept = 0, lost = 0;
        foreach (var rune in title.Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            if (rune.IsAscii && Rune.IsLetterOrDigit(rune))
            {
                slug.Append(char.ToLowerInvariant((char)rune.Value));
                kept++;
            }
            else if (Rune.IsLetterOrDigit(rune))
            {
                lost++;
            }
            else if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark && slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }
        // Room for a number or an id behind it.
        var words = slug.ToString(0, Math.Min(slug.Length, MaxLength - IdLength - 1)).Trim('-');
        return kept >= 2 && kept >= lost ? words : "";
    }
}
