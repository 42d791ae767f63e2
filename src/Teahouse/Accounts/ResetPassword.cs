using System.Globalization;
using Microsoft.AspNetCore.Identity;

namespace Teahouse.Accounts;

/// <summary>Sets a new password by a link of <see cref="MakeResetLink"/>, which is used up with it, and ends all of the account's sessions (SPEC 6.8).</summary>
internal sealed class ResetPassword(UserManager<User> users, AccountLinkStore links)
{
    /// <returns>Fails with <see cref="AccountError.BadLink"/>, or with what is wrong with the password: then the link stays.</returns>
    public async Task<IdentityResult> ExecuteAsync(string token, string password, CancellationToken ct)
    {
        if (await links.FindAsync(token, AccountLinkStore.Reset, ct) is not { } link
            || await users.FindByIdAsync(link.UserId.ToString(CultureInfo.InvariantCulture)) is not { } user)
        {
            return IdentityResult.Failed(AccountError.Make(AccountError.BadLink));
        }
        user.PasswordChange = new PasswordChange(KeptSessionId: null, Actor: null) { Link = token };
        return await NewPassword.ReplaceAsync(users, user, password);
    }
}
