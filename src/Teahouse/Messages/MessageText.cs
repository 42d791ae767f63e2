using System.Text;

namespace Teahouse.Messages;

/// <summary>The rule for a message's text (SPEC 1).</summary>
public static class MessageText
{
    /// <summary>Trims white space at both ends and otherwise keeps the text code point for code point.</summary>
    /// <param name="text">As received.</param>
    /// <param name="maxChars">Most Unicode code points; 0 for no limit.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.EmptyMessage"/>, <see cref="Refusal.TooLong"/> or <see cref="Refusal.BadText"/>.</exception>
    public static string Parse(string text, int maxChars)
    {
        var trimmed = text.Trim();
        if (trimmed.Length == 0)
        {
            throw new RefusedException(Refusal.EmptyMessage);
        }
        var count = 0;
        var visible = false;
        for (var i = 0; i < trimmed.Length;)
        {
            // A lone surrogate is no code point: it cannot be stored or sent on.
            if (!Rune.TryGetRuneAt(trimmed, i, out var rune) || IsForbidden(rune))
            {
                throw new RefusedException(Refusal.BadText);
            }
            visible = visible || VisibleText.Shows(rune);
            count++;
            i += rune.Utf16SequenceLength;
        }
        if (maxChars > 0 && count > maxChars)
        {
            throw new RefusedException(Refusal.TooLong, maxChars);
        }
        return visible ? trimmed : throw new RefusedException(Refusal.BadText);
    }

    private static bool IsForbidden(Rune rune) =>
        Rune.IsControl(rune) && rune.Value is not ('\t' or '\n' or '\r');
}
