using System.Globalization;
using Microsoft.AspNetCore.Identity;

namespace Teahouse.Accounts;

/// <summary>What Identity reads and sets on a user before it is stored.</summary>
internal sealed partial class UserStore
{
    public Task<User?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        queries.FindAsync(long.Parse(userId, CultureInfo.InvariantCulture), cancellationToken);

    public Task<User?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) =>
        queries.FindByKeyAsync(normalizedUserName, cancellationToken);

    public Task<string> GetUserIdAsync(User user, CancellationToken cancellationToken) =>
        Task.FromResult(user.Id.ToString(CultureInfo.InvariantCulture));

    public Task<string?> GetUserNameAsync(User user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Username);

    public Task SetUserNameAsync(User user, string? userName, CancellationToken cancellationToken)
    {
        user.Username = userName ?? "";
        return Task.CompletedTask;
    }

    public Task<string?> GetNormalizedUserNameAsync(User user, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(NameSkeleton.Key(user.Username));

    // The key is computed from the name whenever the row is written.
    public Task SetNormalizedUserNameAsync(User user, string? normalizedName, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task SetPasswordHashAsync(User user, string? passwordHash, CancellationToken cancellationToken)
    {
        user.PasswordHash = passwordHash;
        return Task.CompletedTask;
    }

    public Task<string?> GetPasswordHashAsync(User user, CancellationToken cancellationToken) => Task.FromResult(user.PasswordHash);

    public Task<bool> HasPasswordAsync(User user, CancellationToken cancellationToken) => Task.FromResult(user.PasswordHash is not null);

    public Task SetSecurityStampAsync(User user, string stamp, CancellationToken cancellationToken)
    {
        user.SecurityStamp = stamp;
        return Task.CompletedTask;
    }

    public Task<string?> GetSecurityStampAsync(User user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.SecurityStamp);

    public void Dispose()
    {
        // Identity asks for it; the database is not this store's to close.
    }
}

/// <summary>Identity's normal form of a name is the key it is unique by.</summary>
internal sealed class NameNormalizer : ILookupNormalizer
{
    public string? NormalizeName(string? name) => name is null ? null : NameSkeleton.Key(name);

    public string? NormalizeEmail(string? email) => email;
}

/// <summary>The codes of what Identity may find wrong with a form; each is the key of a text in <c>AccountsText</c>.</summary>
internal static class AccountError
{
    public const string NameInvalid = "Error.NameInvalid";
    public const string NameMixed = "Error.NameMixed";
    public const string NameTaken = "Error.NameTaken";
    public const string PasswordShort = "Error.PasswordShort";
    public const string PasswordLong = "Error.PasswordLong";
    public const string PasswordCommon = "Error.PasswordCommon";
    public const string PasswordLikeName = "Error.PasswordLikeName";
    public const string BadInvite = "Error.BadInvite";
    public const string BadLink = "Error.BadLink";
    public const string NotFirst = "Error.NotFirst";
    public const string Changed = "Error.Changed";

    /// <summary>Identity's own code for a wrong present password.</summary>
    public const string PasswordMismatch = nameof(IdentityErrorDescriber.PasswordMismatch);

    public static IdentityError Make(string code) => new() { Code = code, Description = code };
}
