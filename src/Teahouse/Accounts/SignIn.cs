using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;

namespace Teahouse.Accounts;

/// <summary>Checks a name and a password. A wrong name takes as long as a wrong password, and nobody is told which it was.</summary>
internal sealed class SignIn(UserManager<User> users, DecoyPassword decoy, LoginThrottle throttle)
{
    /// <summary>The user; null when name and password do not belong together, or the account is disabled.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.RateLimited"/>.</exception>
    public async Task<User?> ExecuteAsync(string username, string password, IPAddress? address)
    {
        if (UsernameRule.Normalize(username) is not { Length: > 0 } name)
        {
            return null;
        }
        throttle.CountLogin(NameSkeleton.Key(name), address);
        var user = await users.FindByNameAsync(name);
        if (user is not { PasswordHash: not null, DisabledAt: null })
        {
            decoy.Check(users.PasswordHasher, password);
            return null;
        }
        // Identity hashes it anew here when it was stored with fewer rounds than today's.
        return await users.CheckPasswordAsync(user, password) ? user : null;
    }
}

/// <summary>A hash nobody knows the password of, to spend the same time on a wrong name. Thread-safe.</summary>
internal sealed class DecoyPassword(IServiceScopeFactory scopes)
{
    private string? _hash;

    /// <summary>Makes the hash ahead of time, so that the first wrong name does not take twice as long.</summary>
    public void Prepare() => _ = Hash;

    public void Check(IPasswordHasher<User> hasher, string password) => hasher.VerifyHashedPassword(new User(), Hash, password);

    private string Hash => LazyInitializer.EnsureInitialized(ref _hash, () =>
    {
        using var scope = scopes.CreateScope();
        var hasher = scope.ServiceProvider.GetRequiredService<IPasswordHasher<User>>();
        return hasher.HashPassword(new User(), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
    });
}
