using System.Globalization;
using System.Text;

namespace Teahouse.Messages;

/// <summary>Whether somebody is called by name in a text, by the same rule as <c>mentions.js</c>: <c>@name</c> as a whole word, in any letters' case and width.</summary>
public static class Mentions
{
    /// <param name="text">What was said.</param>
    /// <param name="names">A person's names; empty ones are nobody's.</param>
    public static bool Has(string text, params IReadOnlyList<string> names)
    {
        if (text.AsSpan().IndexOfAny('@', '＠') < 0)
        {
            return false;
        }
        var folded = Fold(text);
        return names.Any(name => name.Length > 0 && Has(folded, Fold(name)));
    }

    private static bool Has(string text, string name)
    {
        var call = "@" + name;
        Rune.DecodeLastFromUtf16(name, out var last, out _);
        for (var at = text.IndexOf(call, StringComparison.Ordinal); at >= 0; at = text.IndexOf(call, at + 1, StringComparison.Ordinal))
        {
            // An address of mail is none, but Han writes on without a space.
            Rune.DecodeLastFromUtf16(text.AsSpan(0, at), out var before, out _);
            if ((at == 0 || !IsWord(before) || IsHan(before)) && !GoesOn(text.AsSpan(at + call.Length), last))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>What follows makes it another, longer name.</summary>
    private static bool GoesOn(ReadOnlySpan<char> after, Rune last)
    {
        if (after.Length > 1 && after[0] is '.' or '+' or '-' or '@')
        {
            Rune.DecodeFromUtf16(after[1..], out var next, out _);
            return IsWord(next) && !IsHan(next);
        }
        Rune.DecodeFromUtf16(after, out var first, out _);
        return !after.IsEmpty && IsWord(first) && (!IsHan(first) || IsHan(last));
    }

    private static string Fold(string text) => text.Normalize(NormalizationForm.FormKC).ToLowerInvariant();

    private static bool IsWord(Rune rune) => rune.Value == '_' || Rune.IsLetterOrDigit(rune)
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;

    /// <summary>Of a script that puts no spaces between words.</summary>
    private static bool IsHan(Rune rune) => rune.Value is (>= 0x3040 and <= 0x312F) or (>= 0x31A0 and <= 0x31BF) or (>= 0x31F0 and <= 0x31FF)
        or (>= 0x3400 and <= 0x9FFF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF);
}
