using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Teahouse.Accounts;

/// <summary>Hashes passwords as ASP.NET Core Identity does, and also knows Django's PBKDF2, which imported accounts have until their owner first signs in: <c>pbkdf2_sha256$rounds$salt$hash</c>.
/// Thread-safe.</summary>
internal sealed class ImportedPasswords(IOptions<PasswordHasherOptions> options) : IPasswordHasher<User>
{
    /// <summary>A sign-in costs no more than this, whatever the file said.</summary>
    private const int MostRounds = 5_000_000;

    private readonly PasswordHasher<User> _own = new(options);

    /// <summary>True for a hash that a sign-in can be checked against.</summary>
    public static bool IsKnown(string hash) => Parse(hash) is not null;

    public string HashPassword(User user, string password) => _own.HashPassword(user, password);

    public PasswordVerificationResult VerifyHashedPassword(User user, string hashedPassword, string providedPassword)
    {
        // Identity's own are Base64, which has no $.
        if (!hashedPassword.Contains('$', StringComparison.Ordinal))
        {
            return _own.VerifyHashedPassword(user, hashedPassword, providedPassword);
        }
        if (Parse(hashedPassword) is not var (algorithm, rounds, salt, hash))
        {
            return PasswordVerificationResult.Failed;
        }
        var computed = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(providedPassword), salt, rounds, algorithm, hash.Length);
        // Hashed anew in our own form once the password is known.
        return CryptographicOperations.FixedTimeEquals(computed, hash) ? PasswordVerificationResult.SuccessRehashNeeded : PasswordVerificationResult.Failed;
    }

    private static (HashAlgorithmName Algorithm, int Rounds, byte[] Salt, byte[] Hash)? Parse(string text)
    {
        if (text.Split('$') is not [var name, var rounds, { Length: > 0 } salt, var hash]
            || !int.TryParse(rounds, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1 or > MostRounds)
        {
            return null;
        }
        var (algorithm, length) = name switch
        {
            "pbkdf2_sha256" => (HashAlgorithmName.SHA256, SHA256.HashSizeInBytes),
            "pbkdf2_sha1" => (HashAlgorithmName.SHA1, SHA1.HashSizeInBytes),
            _ => (default, 0),
        };
        var bytes = new byte[length];
        return length > 0 && Convert.TryFromBase64String(hash, bytes, out var written) && written == length ? (algorithm, count, Encoding.UTF8.GetBytes(salt), bytes) : null;
    }
}
