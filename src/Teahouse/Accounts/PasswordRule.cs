using System.Text;
using Microsoft.AspNetCore.Identity;

namespace Teahouse.Accounts;

/// <summary>The rule for new passwords (OWASP ASVS 5.0, 6.2): long enough, none of the most used, not made of the account's or the
/// program's name; nothing about which characters. A password is taken exactly as typed.</summary>
internal sealed class PasswordRule : IPasswordValidator<User>
{
    public const int MinLength = 8;
    public const int MaxLength = 256;

    // What is left of a password without the names in it must still be this long.
    private const int MinRest = 6;

    // A name shorter than this occurs in passwords by chance.
    private const int MinNameLength = 3;

    private static readonly string[] ProgramNames = ["teahouse", "茶館", "茶馆"];

    public Task<IdentityResult> ValidateAsync(UserManager<User> manager, User user, string? password)
    {
        var length = password?.EnumerateRunes().Count() ?? 0;
        var error = length < MinLength ? AccountError.PasswordShort
            : length > MaxLength ? AccountError.PasswordLong
            : CommonPasswords.Contains(password!) ? AccountError.PasswordCommon // Not null: it has a length.
            : IsMadeOfNames(password!, user) ? AccountError.PasswordLikeName
            : null;
        return Task.FromResult(error is null ? IdentityResult.Success : IdentityResult.Failed(AccountError.Make(error)));
    }

    private static bool IsMadeOfNames(string password, User user)
    {
        var rest = Fold(password);
        foreach (var name in ProgramNames.Append(user.Username).Append(user.DisplayName).Select(Fold))
        {
            var isWord = name.Length >= MinNameLength || name.EnumerateRunes().Any(rune => rune.Value > 0x2E80);
            if (name.Length > 0 && isWord)
            {
                rest = rest.Replace(name, "", StringComparison.Ordinal).Replace(Reverse(name), "", StringComparison.Ordinal);
            }
        }
        return rest.Length < MinRest && rest.Length < Fold(password).Length;
    }

    private static string Fold(string text)
    {
        try
        {
            return NameSkeleton.Key(text);
        }
        catch (ArgumentException)
        {
            return text;
        }
    }

    private static string Reverse(string text)
    {
        var reversed = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes().Reverse())
        {
            reversed.Append(rune.ToString());
        }
        return reversed.ToString();
    }
}
