using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;

namespace Teahouse.Accounts;

/// <summary>Checks a name and a password. A wrong name takes as long as a wrong password, and nobody is told which it was.</summary>
internal sealed partial class SignIn(UserManager<User> users, DecoyPassword decoy, LoginThrottle throttle, ILogger<SignIn> log)
{
    /// <summary>The user; null when name and password do not belong together, or the account is disabled.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.RateLimited"/>.</exception>
    public async Task<User?> ExecuteAsync(string username, string password, IPAddress? address)
    {
        if (UsernameRule.Normalize(username) is not { Length: > 0 } name)
        {
            return null;
        }
        try
        {
            throttle.CountLogin(NameSkeleton.Key(name), address);
        }
        catch (RefusedException)
        {
            if (throttle.MayWarn())
            {
                LogThrottled(log);
            }
            throw;
        }
        var user = await users.FindByNameAsync(name);
        if (user is not { PasswordHash: not null, DisabledAt: null })
        {
            decoy.Check(users.PasswordHasher, password);
            LogFailed(log, user?.Id);
            return null;
        }
        // Identity hashes it anew here when it was stored with fewer rounds than today's.
        if (!await users.CheckPasswordAsync(user, password))
        {
            LogFailed(log, user.Id);
            return null;
        }
        LogSignedIn(log, user.Id);
        return user;
    }

    // The account by its number: what was typed for a name may have been a password.
    [LoggerMessage(Level = LogLevel.Information, EventName = "signed_in", Message = "User {UserId} gave the right password")]
    private static partial void LogSignedIn(ILogger logger, long userId);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "sign_in_failed", Message = "A sign-in failed, to user {UserId}")]
    private static partial void LogFailed(ILogger logger, long? userId);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "sign_in_throttled", Message = "Somebody tries to sign in too often")]
    private static partial void LogThrottled(ILogger logger);
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
