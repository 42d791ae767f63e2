using System.Security.Cryptography;
using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>Accounts that come from an older system.</summary>
internal sealed partial class UserStore
{
    private const string InsertImported = """
        INSERT INTO users (username, username_key, username_skeleton, display_name, password_hash, security_stamp, is_admin, email, email_key, created_at, disabled_at)
        VALUES (@Username, @key, @skeleton, @DisplayName, @PasswordHash, @stamp, @IsAdmin, @Email, @emailKey, @CreatedAt, @DisabledAt)
        ON CONFLICT (username_key) DO NOTHING
        RETURNING id
        """;

    private const int StampBytes = 20;

    /// <summary>Stores an account as it was, its password's hash in the older system's form; null when the name is taken. Names need only be unlike in their
    /// <see cref="NameSkeleton.Key"/>: those that were there before today's rules stay.</summary>
    public async Task<long?> ImportAsync(DbSession session, User user)
    {
        var id = await session.FindAsync<long?>(InsertImported, new
        {
            user.Username,
            key = NameSkeleton.Key(user.Username),
            skeleton = NameSkeleton.Of(user.Username),
            user.DisplayName,
            user.PasswordHash,
            stamp = Convert.ToHexString(RandomNumberGenerator.GetBytes(StampBytes)),
            user.IsAdmin,
            user.Email,
            emailKey = KeyOf(user.Email),
            user.CreatedAt,
            user.DisabledAt,
        });
        if (id is { } made)
        {
            await notices.AddAsync(session, AccountNotices.UserAdded(made));
        }
        return id;
    }
}
