using System.Globalization;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;

namespace Teahouse.Accounts;

/// <summary>How a form of this feature says no: beside the field, with what was typed kept.</summary>
internal static class FormAnswers
{
    /// <summary>Puts each error beside its field.</summary>
    public static void Add(this ModelStateDictionary state, IdentityResult result, IStringLocalizer text, string passwordField)
    {
        foreach (var error in result.Errors)
        {
            var field = error.Code switch
            {
                AccountError.NameInvalid or AccountError.NameMixed or AccountError.NameTaken => "username",
                AccountError.PasswordShort or AccountError.PasswordLong or AccountError.PasswordCommon or AccountError.PasswordLikeName => passwordField,
                AccountError.PasswordMismatch => "old_password",
                _ => "",
            };
            state.AddModelError(field, Word(error.Code, text));
        }
    }

    /// <summary>The error's words.</summary>
    public static string Word(string code, IStringLocalizer text) => code switch
    {
        AccountError.PasswordShort => text[code, PasswordRule.MinLength],
        AccountError.PasswordLong => text[code, PasswordRule.MaxLength],
        AccountError.PasswordMismatch => text["Error.PasswordMismatch"],
        AccountError.NameInvalid => text[code, UsernameRule.MaxLength],
        _ => text[code],
    };

    /// <summary>The form again, with what is wrong beside the fields.</summary>
    public static PageResult Again(this PageModel page)
    {
        page.Response.StatusCode = StatusCodes.Status400BadRequest;
        return page.Page();
    }

    /// <summary>The form again, with status 429 and when to come back.</summary>
    public static PageResult TooMany(this PageModel page, RefusedException refused, IStringLocalizer text)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling((refused.RetryAfter ?? TimeSpan.FromMinutes(1)).TotalSeconds));
        page.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        page.ModelState.AddModelError("", seconds < 120 ? text["Error.TooManySeconds", seconds] : text["Error.TooManyMinutes", (seconds + 59) / 60]);
        page.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        return page.Page();
    }
}
