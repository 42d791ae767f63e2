using System.Globalization;
using System.Text;

namespace Teahouse.Accounts;

/// <summary>The rule for guests' nicknames. Thread-safe.</summary>
public sealed class Nicknames
{
    public const int MaxLength = 50;

    /// <summary>Returns the nickname as it will be shown (NFKC, trimmed).</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.BadNickname"/>.</exception>
    public ValueTask<string> CheckAsync(string nickname, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (nickname.Length > MaxLength * 4 || nickname.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format))
        {
            throw new RefusedException(Refusal.BadNickname);
        }
        var name = nickname.Normalize(NormalizationForm.FormKC).Trim();
        return name.Length is > 0 and <= MaxLength ? ValueTask.FromResult(name) : throw new RefusedException(Refusal.BadNickname);
    }
}
