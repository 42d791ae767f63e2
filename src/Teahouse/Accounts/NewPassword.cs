using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.Extensions.Localization;

namespace Teahouse.Accounts;

/// <summary>What the forms that make an account share.</summary>
internal static class NewPassword
{
    /// <summary>False, with the errors beside their fields, when something is missing or the two passwords differ.</summary>
    public static bool IsTypedTwice(ModelStateDictionary state, string? username, string? password1, string? password2, IStringLocalizer text)
    {
        if (string.IsNullOrWhiteSpace(username))
        {
            state.AddModelError("username", text["Error.NameMissing"]);
        }
        if (string.IsNullOrEmpty(password1))
        {
            state.AddModelError("password1", text["Error.PasswordMissing"]);
        }
        else if (password1 != password2)
        {
            state.AddModelError("password2", text["Error.PasswordsDiffer"]);
        }
        return state.IsValid;
    }

    /// <summary>A new user of that name, not stored yet; a name nobody can have stays as typed, for the rule to refuse.</summary>
    public static User MakeUser(string? username, Admission admission, bool isAdmin = false)
    {
        var typed = (username ?? "").Trim();
        var name = UsernameRule.Normalize(typed) ?? typed;
        return new User { Username = name, DisplayName = name, IsAdmin = isAdmin, Admission = admission };
    }
}
