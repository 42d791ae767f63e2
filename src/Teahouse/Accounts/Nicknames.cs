using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Teahouse.Accounts;

/// <summary>The rule for guests' nicknames (SPEC 1, 8): NFKC, one script or a usual mix, nothing invisible, and unlike any user's name and the program's own. Thread-safe.</summary>
public sealed partial class Nicknames
{
    public const int MaxLength = 50;

    // More marks than this on one letter paint over the lines around it.
    private const int MaxMarks = 3;

    private readonly NameBook _names;

    internal Nicknames(NameBook names) => _names = names;

    /// <summary>Returns the nickname as it will be shown: NFKC, trimmed, runs of spaces as one. Quick enough for every message.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.BadNickname"/>, <see cref="Refusal.NicknameTaken"/>.</exception>
    public async ValueTask<string> CheckAsync(string nickname, CancellationToken ct)
    {
        var name = Parse(nickname) ?? throw new RefusedException(Refusal.BadNickname);
        return await _names.IsTakenAsync(name, ct) ? throw new RefusedException(Refusal.NicknameTaken) : name;
    }

    /// <summary>True when a guest may still go by a nickname that was allowed once.</summary>
    internal async ValueTask<bool> IsAllowedAsync(string nickname, CancellationToken ct) =>
        !UsernameRule.IsTheProgramsOwn(nickname) && !await _names.IsTakenAsync(nickname, ct);

    /// <summary>The name as it is shown, if it is well-formed; null otherwise. Asks nobody whether it is free.</summary>
    internal static string? Parse(string text)
    {
        if (text.Length > MaxLength * 4)
        {
            return null;
        }
        string name;
        try
        {
            name = Spaces().Replace(text.Normalize(NormalizationForm.FormKC).Trim(), " ");
        }
        catch (ArgumentException)
        {
            // A lone surrogate.
            return null;
        }
        return IsWellFormed(name) && Scripts.IsUsualMix(name) && !UsernameRule.IsTheProgramsOwn(name) ? name : null;
    }

    private static bool IsWellFormed(string name)
    {
        int count = 0, marks = 0;
        var isAnythingShown = false;
        foreach (var rune in name.EnumerateRunes())
        {
            var isMark = Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark;
            marks = isMark ? marks + 1 : 0;
            // A mark at the beginning would join onto whatever stands before the name.
            if (Scripts.IsInvisible(rune) || rune == Rune.ReplacementChar || (Rune.IsWhiteSpace(rune) && rune.Value != ' ')
                || (isMark && count == 0) || marks > MaxMarks || ++count > MaxLength)
            {
                return false;
            }
            isAnythingShown |= Rune.IsLetterOrDigit(rune) || Rune.IsSymbol(rune) || Rune.IsNumber(rune);
        }
        return isAnythingShown;
    }

    [GeneratedRegex(" {2,}")]
    private static partial Regex Spaces();
}
