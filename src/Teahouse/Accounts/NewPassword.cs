using Microsoft.AspNetCore.Identity;
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

    /// <summary>Stores a new user; when both name and password are refused, says both at once.</summary>
    public static async Task<IdentityResult> StoreAsync(UserManager<User> users, User user, string password, Action? onAccepted = null)
    {
        var wrong = await CheckAsync(users, user, password);
        if (!wrong.Succeeded)
        {
            return wrong;
        }
        onAccepted?.Invoke();
        return await users.CreateAsync(user, password);
    }

    /// <summary>What the rules say of a new user's name and password, as far as they were typed; stores nothing.</summary>
    public static async Task<IdentityResult> CheckAsync(UserManager<User> users, User user, string? password)
    {
        List<IdentityError> errors = [];
        foreach (var rule in user.Username.Length > 0 ? users.UserValidators : [])
        {
            errors.AddRange((await rule.ValidateAsync(users, user)).Errors);
        }
        foreach (var rule in string.IsNullOrEmpty(password) ? [] : users.PasswordValidators)
        {
            errors.AddRange((await rule.ValidateAsync(users, user, password)).Errors);
        }
        return errors.Count > 0 ? IdentityResult.Failed([.. errors]) : IdentityResult.Success;
    }

    /// <summary>Gives a user another password without asking for the old one, if the rules allow it; its <see cref="User.PasswordChange"/> says what ends with that.</summary>
    public static async Task<IdentityResult> ReplaceAsync(UserManager<User> users, User user, string password)
    {
        foreach (var rule in users.PasswordValidators)
        {
            if (await rule.ValidateAsync(users, user, password) is { Succeeded: false } failed)
            {
                return failed;
            }
        }
        user.PasswordHash = users.PasswordHasher.HashPassword(user, password);
        return await users.UpdateSecurityStampAsync(user);
    }

    /// <summary>A new user of that name, not stored yet; a name nobody can have stays as typed, for the rule to refuse.</summary>
    public static User MakeUser(string? username, Admission admission, bool isAdmin = false)
    {
        var typed = (username ?? "").Trim();
        var name = UsernameRule.Normalize(typed) ?? typed;
        return new User { Username = name, DisplayName = name, IsAdmin = isAdmin, Admission = admission };
    }
}
