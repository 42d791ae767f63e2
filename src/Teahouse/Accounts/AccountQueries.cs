using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>SQL that reads accounts, sessions and invites. Thread-safe.</summary>
internal sealed class AccountQueries(Db db, TimeProvider clock)
{
    private const string UserById = """
        SELECT id, username, display_name, avatar_colour, password_hash, security_stamp, security_stamp AS stored_stamp, is_admin, email, language, time_zone, created_at, disabled_at, deletes_at
        FROM users
        WHERE id = @id
        """;

    private const string UserByKey = """
        SELECT id, username, display_name, avatar_colour, password_hash, security_stamp, security_stamp AS stored_stamp, is_admin, email, language, time_zone, created_at, disabled_at, deletes_at
        FROM users
        WHERE username_key = @key
        """;

    // Accounts of one address are few; who shares it with hundreds is no person.
    private const string UsersByEmail = """
        SELECT id, username, display_name, avatar_colour, password_hash, security_stamp, security_stamp AS stored_stamp, is_admin, email, language, time_zone, created_at, disabled_at, deletes_at
        FROM users
        WHERE email_key = @key
        ORDER BY id
        LIMIT 20
        """;

    private const string Any = "SELECT COUNT(*) FROM (SELECT id FROM users LIMIT 1) AS one";

    private const string AnyAdministrator = "SELECT COUNT(*) FROM (SELECT id FROM users WHERE is_admin AND disabled_at IS NULL LIMIT 1) AS one";

    private const string OtherAdministrator = """
        SELECT COUNT(*) FROM (SELECT id FROM users WHERE is_admin AND disabled_at IS NULL AND id <> @userId LIMIT 1) AS one
        """;

    // Two look-ups by index; with OR it would be a scan on some planners.
    private const string NameLike = """
        SELECT username FROM users WHERE username_key = @key
        UNION ALL
        SELECT username FROM users WHERE username_skeleton = @skeleton
        LIMIT 1
        """;

    private const string SignedInByKey = """
        SELECT s.id AS session_id, s.key_hash, s.is_persistent, s.created_at AS begun_at, s.last_seen_at, s.expires_at,
               u.id AS user_id, u.username, u.display_name, u.avatar_colour, u.is_admin, u.language, u.time_zone, u.enter_breaks, u.notify_of, u.notify_sound
        FROM sessions AS s
        JOIN users AS u ON u.id = s.user_id
        WHERE s.key_hash = @keyHash AND s.expires_at > @now AND u.disabled_at IS NULL
        """;

    private const string SignedInById = """
        SELECT s.id AS session_id, s.key_hash, s.is_persistent, s.created_at AS begun_at, s.last_seen_at, s.expires_at,
               u.id AS user_id, u.username, u.display_name, u.avatar_colour, u.is_admin, u.language, u.time_zone, u.enter_breaks, u.notify_of, u.notify_sound
        FROM sessions AS s
        JOIN users AS u ON u.id = s.user_id
        WHERE s.id = @id AND s.expires_at > @now AND u.disabled_at IS NULL
        """;

    private const string SessionsOfUser = """
        SELECT id, created_at, last_seen_at, user_agent, network
        FROM sessions
        WHERE user_id = @userId AND expires_at > @now
        ORDER BY last_seen_at DESC, id DESC
        LIMIT 100
        """;

    private const string UsersAfter = """
        SELECT id, username, display_name, email, is_admin, created_at, disabled_at
        FROM users
        WHERE id > @after
        ORDER BY id
        LIMIT @limit
        """;

    private const string Search = """
        SELECT username, display_name, avatar_colour
        FROM users
        WHERE username_key > @after AND disabled_at IS NULL
          AND (@keyPattern = '' OR username_key LIKE @keyPattern ESCAPE '\' OR LOWER(display_name) LIKE @pattern ESCAPE '\')
        ORDER BY username_key
        LIMIT @limit
        """;

    private const string OpenInvites = """
        SELECT i.id, i.created_at, i.expires_at, u.username AS created_by
        FROM invites AS i
        LEFT JOIN users AS u ON u.id = i.created_by
        WHERE i.used_at IS NULL AND i.expires_at > @now
        ORDER BY i.id DESC
        LIMIT 200
        """;

    private const string InviteOpen = "SELECT COUNT(*) FROM invites WHERE token_hash = @tokenHash AND used_at IS NULL AND expires_at > @now";

    public Task<User?> FindAsync(long id, CancellationToken ct) => db.ReadAsync(session => FindAsync(session, id), ct);

    public static Task<User?> FindAsync(DbSession session, long id) => session.FindAsync<User>(UserById, new { id });

    /// <summary>False when the site would be without an administrator if this account were none.</summary>
    public static async Task<bool> HasOtherAdministratorAsync(DbSession session, long userId) => await session.GetAsync<long>(OtherAdministrator, new { userId }) > 0;

    /// <param name="key"><see cref="NameSkeleton.Key"/> of a name.</param>
    /// <param name="ct">Ends the wait.</param>
    public Task<User?> FindByKeyAsync(string key, CancellationToken ct) => db.FindAsync<User>(UserByKey, new { key }, ct);

    /// <summary>The accounts that have this address, at most twenty: several may share one. Without regard to case.</summary>
    public Task<List<User>> ListByEmailAsync(string email, CancellationToken ct) =>
        db.QueryAsync<User>(UsersByEmail, new { key = EmailAddress.Key(email) }, ct);

    /// <inheritdoc cref="FindByKeyAsync(string, CancellationToken)"/>
    public static Task<User?> FindByKeyAsync(DbSession session, string key) => session.FindAsync<User>(UserByKey, new { key });

    public static async Task<bool> AnyAsync(DbSession session) => await session.GetAsync<long>(Any) > 0;

    public Task<bool> AnyAdministratorAsync(CancellationToken ct) => db.ReadAsync(async session => await session.GetAsync<long>(AnyAdministrator) > 0, ct);

    public Task<bool> AnyAsync(CancellationToken ct) => db.ReadAsync(AnyAsync, ct);

    /// <summary>The user's name that is the same as this or looks like it; null when there is none.</summary>
    public static Task<string?> FindNameLikeAsync(DbSession session, string name) =>
        session.FindAsync<string>(NameLike, new { key = NameSkeleton.Key(name), skeleton = NameSkeleton.Of(name) });

    public Task<string?> FindNameLikeAsync(string name, CancellationToken ct) => db.ReadAsync(session => FindNameLikeAsync(session, name), ct);

    /// <summary>A session that has not ended, of a user who may sign in; null otherwise.</summary>
    public Task<SignedIn?> FindSignedInAsync(string keyHash, CancellationToken ct) =>
        db.FindAsync<SignedIn>(SignedInByKey, new { keyHash, now = clock.GetUtcNow() }, ct);

    public Task<SignedIn?> FindSignedInAsync(long sessionId, CancellationToken ct) =>
        db.FindAsync<SignedIn>(SignedInById, new { id = sessionId, now = clock.GetUtcNow() }, ct);

    /// <summary>The user's sessions, latest used first.</summary>
    public Task<List<SessionRow>> ListSessionsAsync(long userId, CancellationToken ct) =>
        db.QueryAsync<SessionRow>(SessionsOfUser, new { userId, now = clock.GetUtcNow() }, ct);

    /// <summary>The next accounts after an id, oldest first.</summary>
    public Task<List<UserRow>> ListUsersAsync(long after, int limit, CancellationToken ct) =>
        db.QueryAsync<UserRow>(UsersAfter, new { after, limit }, ct);

    /// <summary>Accounts whose names hold a text, in order of their user names, after one of those.</summary>
    public Task<List<FoundUser>> SearchAsync(string text, string after, int limit, CancellationToken ct) =>
        db.QueryAsync<FoundUser>(Search, new
        {
            keyPattern = LikePattern.Containing(NameSkeleton.Key(text)),
            // LOWER() knows only ASCII, on either database.
            pattern = LikePattern.Containing(LikePattern.LowerAscii(text)),
            after = NameSkeleton.Key(after),
            limit,
        }, ct);

    /// <summary>Invites that can still be used, newest first.</summary>
    public Task<List<InviteRow>> ListInvitesAsync(CancellationToken ct) =>
        db.QueryAsync<InviteRow>(OpenInvites, new { now = clock.GetUtcNow() }, ct);

    public Task<bool> IsInviteOpenAsync(string token, CancellationToken ct) =>
        db.ReadAsync(async session =>
            await session.GetAsync<long>(InviteOpen, new { tokenHash = SessionStore.Hash(token), now = clock.GetUtcNow() }) > 0, ct);
}

/// <summary>A session in its owner's list.</summary>
public sealed record SessionRow
{
    public required long Id { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset LastSeenAt { get; init; }
    public required string UserAgent { get; init; }

    /// <summary>From where, roughly; null for sign-ins of older versions.</summary>
    public string? Network { get; init; }
}

/// <summary>An account in the administrators' list.</summary>
public sealed record UserRow
{
    public required long Id { get; init; }
    public required string Username { get; init; }
    public required string DisplayName { get; init; }
    public string? Email { get; init; }
    public required bool IsAdmin { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? DisabledAt { get; init; }
}

/// <summary>An account that was looked for.</summary>
public sealed record FoundUser
{
    public required string Username { get; init; }
    public required string DisplayName { get; init; }
    public long? AvatarColour { get; init; }
}

/// <summary>An invite that can still be used.</summary>
public sealed record InviteRow
{
    public required long Id { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>The administrator who made it; null for the shell.</summary>
    public string? CreatedBy { get; init; }
}
