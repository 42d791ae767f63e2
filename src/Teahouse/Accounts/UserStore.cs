using Microsoft.AspNetCore.Identity;
using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>All SQL that writes <c>users</c>, in the shape ASP.NET Core Identity asks for. Thread-safe.</summary>
internal sealed partial class UserStore(Db db, AccountQueries queries, InviteStore invites, SessionStore sessions, AccountLinkStore links, Notices notices, TimeProvider clock)
    : IUserPasswordStore<User>, IUserSecurityStampStore<User>
{
    private const string Insert = """
        INSERT INTO users (username, username_key, username_skeleton, display_name, password_hash, security_stamp, is_admin, email, email_key, language, time_zone, created_at)
        VALUES (@Username, @key, @skeleton, @DisplayName, @PasswordHash, @SecurityStamp, @IsAdmin, @Email, @emailKey, @Language, @TimeZone, @CreatedAt)
        ON CONFLICT (username_key) DO NOTHING
        RETURNING id
        """;

    // Two changes at once must not undo each other: who read the row before the other's change stores nothing.
    private const string UpdateCredentials = """
        UPDATE users
        SET password_hash = @PasswordHash, security_stamp = @SecurityStamp
        WHERE id = @Id AND security_stamp = @StoredStamp
        """;

    private const string UpdateProfile = """
        UPDATE users
        SET display_name = @displayName, avatar_colour = @avatarColour, language = @language, time_zone = @timeZone
        WHERE id = @userId
        """;

    private const string UpdateWriting = "UPDATE users SET enter_breaks = @enterBreaks WHERE id = @userId";

    private const string UpdateNotifications = "UPDATE users SET notify_of = @notifyOf, notify_sound = @notifySound WHERE id = @userId";

    private const string UpdateEmail = "UPDATE users SET email = @email, email_key = @key WHERE id = @userId";

    private const string Delete = "DELETE FROM users WHERE id = @Id";

    /// <summary>Makes the account if its <see cref="User.Admission"/> still holds; nothing is stored when it fails.</summary>
    public async Task<IdentityResult> CreateAsync(User user, CancellationToken cancellationToken)
    {
        user.CreatedAt = clock.GetUtcNow();
        try
        {
            user.Id = await db.WriteAsync(async session =>
            {
                if (user.Admission is Admission.NobodyYet && await AccountQueries.AnyAsync(session))
                {
                    throw new NotAdmittedException(AccountError.NotFirst);
                }
                // Two names that look alike may be asked for at once: what the validator saw is seen again where nothing comes between.
                if (await AccountQueries.FindNameLikeAsync(session, user.Username) is not null)
                {
                    throw new NotAdmittedException(AccountError.NameTaken);
                }
                var id = await session.FindAsync<long?>(Insert, Row(user)) ?? throw new NotAdmittedException(AccountError.NameTaken);
                if (user.Admission is Admission.Invited invited && !await invites.UseAsync(session, invited.TokenHash, id))
                {
                    throw new NotAdmittedException(AccountError.BadInvite);
                }
                if (user.Admission is Admission.ByAdministrator(var actor))
                {
                    await AuditLog.AddAsync(session, user.CreatedAt, actor, "user_added", user.Username, user.IsAdmin ? "administrator" : "");
                }
                if (user.Admission is Admission.NobodyYet)
                {
                    await AuditLog.AddAsync(session, user.CreatedAt, user.Username, "first_administrator_made", user.Username);
                }
                await notices.AddAsync(session, AccountNotices.UserAdded(id));
                return id;
            }, cancellationToken);
            user.StoredStamp = user.SecurityStamp;
            return IdentityResult.Success;
        }
        catch (NotAdmittedException e)
        {
            return IdentityResult.Failed(AccountError.Make(e.Code));
        }
    }

    /// <summary>Stores the credentials, which are all that Identity changes. After a <see cref="User.PasswordChange"/> the account's other sessions end in
    /// the same transaction. Fails when somebody else changed them meanwhile.</summary>
    public async Task<IdentityResult> UpdateAsync(User user, CancellationToken cancellationToken)
    {
        try
        {
            await db.WriteAsync(async session =>
            {
                if (await session.ExecuteAsync(UpdateCredentials, new { user.Id, user.PasswordHash, user.SecurityStamp, user.StoredStamp }) == 0)
                {
                    throw new NotAdmittedException(AccountError.Changed);
                }
                if (user.PasswordChange is { } change)
                {
                    await EndWhatThePasswordOpenedAsync(session, user, change);
                }
            }, cancellationToken);
        }
        catch (NotAdmittedException e)
        {
            return IdentityResult.Failed(AccountError.Make(e.Code));
        }
        user.StoredStamp = user.SecurityStamp;
        user.PasswordChange = null;
        return IdentityResult.Success;
    }

    private async Task EndWhatThePasswordOpenedAsync(DbSession session, User user, PasswordChange change)
    {
        if (change.Link is { } link && !await links.UseAsync(session, link, AccountLinkStore.Reset))
        {
            throw new NotAdmittedException(AccountError.BadLink);
        }
        await AccountLinkStore.EndAllAsync(session, user.Id);
        await sessions.EndOthersAsync(session, user.Id, change.KeptSessionId);
        await notices.AddAsync(session, AccountNotices.PasswordChanged(user.Id));
        if (change.Actor is { } actor)
        {
            await AuditLog.AddAsync(session, clock.GetUtcNow(), actor, "password_changed", user.Username);
        }
    }

    /// <summary>Stores what a user chooses about themselves; requests see it at once.</summary>
    public Task ChangeProfileAsync(long userId, string displayName, long? avatarColour, string? language, string? timeZone, CancellationToken ct) =>
        db.WriteAsync(async session =>
        {
            await session.ExecuteAsync(UpdateProfile, new { userId, displayName, avatarColour, language, timeZone });
            await notices.AddAsync(session, AccountNotices.LooksChanged(userId, displayName, avatarColour));
        }, ct);

    /// <summary>Stores what Enter does where a user writes.</summary>
    public Task ChangeWritingAsync(long userId, bool enterBreaks, CancellationToken ct) =>
        db.WriteAsync(async session =>
        {
            await session.ExecuteAsync(UpdateWriting, new { userId, enterBreaks });
            await notices.AddAsync(session, AccountNotices.ProfileChanged(userId));
        }, ct);

    /// <summary>Stores what a user is notified of, and whether it is heard.</summary>
    public Task ChangeNotificationsAsync(long userId, string notifyOf, bool notifySound, CancellationToken ct) =>
        db.WriteAsync(async session =>
        {
            await session.ExecuteAsync(UpdateNotifications, new { userId, notifyOf, notifySound });
            await notices.AddAsync(session, AccountNotices.ProfileChanged(userId));
        }, ct);

    /// <summary>Stores where mail reaches an account, within the caller's transaction; null: nowhere.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="userId">Whose.</param>
    /// <param name="email">As <see cref="EmailAddress.Parse"/> gives it.</param>
    public static Task SetEmailAsync(DbSession session, long userId, string? email) =>
        session.ExecuteAsync(UpdateEmail, new { userId, email, key = KeyOf(email) });

    public async Task<IdentityResult> DeleteAsync(User user, CancellationToken cancellationToken)
    {
        await db.WriteAsync(async session =>
        {
            await sessions.EndOthersAsync(session, user.Id, keptId: null);
            await session.ExecuteAsync(Delete, new { user.Id });
            // Its tokens have gone with it.
            await notices.AddAsync(session, AccountNotices.UserRemoved(user.Id));
        }, cancellationToken);
        return IdentityResult.Success;
    }

    private static string? KeyOf(string? email) => email is null ? null : EmailAddress.Key(email);

    private static object Row(User user) => new
    {
        user.Username,
        key = NameSkeleton.Key(user.Username),
        skeleton = NameSkeleton.Of(user.Username),
        user.DisplayName,
        user.PasswordHash,
        user.SecurityStamp,
        user.IsAdmin,
        user.Email,
        emailKey = KeyOf(user.Email),
        user.Language,
        user.TimeZone,
        user.CreatedAt,
    };

    private sealed class NotAdmittedException(string code) : Exception(code)
    {
        public string Code { get; } = code;
    }
}
