using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Identity;

namespace Teahouse.Accounts;

/// <summary>The rule for new usernames: Django's characters, one script or a usual mix of scripts, unlike any other user's name (SPEC 1, 8).</summary>
internal sealed class UsernameRule(AccountQueries queries) : IUserValidator<User>
{
    public const int MaxLength = 150;

    // Names the program itself speaks under.
    private static readonly HashSet<string> Own = [.. new[] { "system", "系統", "系统" }.Select(NameSkeleton.Of)];

    // What guests without a nickname are called.
    private static readonly string Nameless = NameSkeleton.Of("未登入用戶");

    /// <summary>True for a name under which the program itself speaks, or one that looks like it: nobody else may go by it.</summary>
    /// <exception cref="ArgumentException">A lone surrogate.</exception>
    public static bool IsTheProgramsOwn(string name) => Own.Contains(NameSkeleton.Of(name));

    /// <summary>The name in the form it is stored in; null when its text has none.</summary>
    public static string? Normalize(string name)
    {
        try
        {
            return name.Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            // A lone surrogate.
            return null;
        }
    }

    public async Task<IdentityResult> ValidateAsync(UserManager<User> manager, User user)
    {
        // Names that came with an import stay as they are; only a new name must follow today's rules.
        if (user.Id != 0)
        {
            return IdentityResult.Success;
        }
        var name = user.Username;
        if (Normalize(name) != name || !IsWellFormed(name))
        {
            return IdentityResult.Failed(AccountError.Make(AccountError.NameInvalid));
        }
        if (!Scripts.IsUsualMix(name))
        {
            return IdentityResult.Failed(AccountError.Make(AccountError.NameMixed));
        }
        return IsTheProgramsOwn(name) || NameSkeleton.Of(name) == Nameless || await queries.FindNameLikeAsync(name, CancellationToken.None) is not null
            ? IdentityResult.Failed(AccountError.Make(AccountError.NameTaken))
            : IdentityResult.Success;
    }

    /// <summary>A sign that may stand in a name.</summary>
    public static bool IsAllowed(Rune rune) => (Rune.IsLetter(rune) || IsNumber(rune) || rune.Value is '@' or '.' or '+' or '-' or '_') && !Scripts.IsInvisible(rune);

    private static bool IsWellFormed(string name)
    {
        var count = 0;
        foreach (var rune in name.EnumerateRunes())
        {
            if (!IsAllowed(rune))
            {
                return false;
            }
            count++;
        }
        return count is > 0 and <= MaxLength;
    }

    // Django counts every kind of number as a digit.
    private static bool IsNumber(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
}
