using System.Buffers.Text;
using System.Security.Cryptography;
using Teahouse.Jobs;
using Teahouse.Storage;

namespace Teahouse.Accounts;

/// <summary>All SQL of <c>account_links</c>: links by which an account's owner proves to be that. Thread-safe.</summary>
internal sealed class AccountLinkStore(Db db, TimeProvider clock)
{
    /// <summary>A new password.</summary>
    public const string Reset = "reset";

    /// <summary>A new address, which is the link's value.</summary>
    public const string Email = "email";

    /// <summary>How long a link works.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    // More are of no use to who forgot something, only to who wants to fill somebody's mailbox.
    private const int MostOfOneUser = 5;

    private const int MaxToken = 128;

    private const string Insert = """
        INSERT INTO account_links (token_hash, user_id, purpose, value, mail_id, created_at, expires_at)
        VALUES (@tokenHash, @userId, @purpose, @value, @mailId, @now, @expiresAt)
        """;

    private const string CountLetters = """
        SELECT COUNT(DISTINCT mail_id)
        FROM account_links
        WHERE user_id = @userId AND purpose = @purpose AND mail_id <> @mailId AND expires_at > @now
        """;

    private const string Find = """
        SELECT l.user_id, u.username, l.value
        FROM account_links AS l
        JOIN users AS u ON u.id = l.user_id
        WHERE l.token_hash = @tokenHash AND l.purpose = @purpose AND l.expires_at > @now AND u.disabled_at IS NULL
        """;

    private const string Use = "DELETE FROM account_links WHERE token_hash = @tokenHash AND purpose = @purpose AND expires_at > @now";

    private const string DeleteOfUser = "DELETE FROM account_links WHERE user_id = @userId";

    private const string DeleteExpired = "DELETE FROM account_links WHERE expires_at <= @now";

    /// <summary>Makes a link's token, which is stored nowhere; in the caller's transaction. Null: this account has enough of them.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="userId">Whose.</param>
    /// <param name="purpose">What it is good for.</param>
    /// <param name="value">What it proves.</param>
    /// <param name="mailId">The letter it goes into. One that is tried again has another link each time, and all of them work: a try that seemed to fail may have arrived. Null: a person hands it over.</param>
    public async Task<string?> MakeAsync(DbSession session, long userId, string purpose, string? value, long? mailId)
    {
        var now = clock.GetUtcNow();
        if (mailId is not null && await session.GetAsync<long>(CountLetters, new { userId, purpose, mailId, now }) >= MostOfOneUser)
        {
            return null;
        }
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        await session.ExecuteAsync(Insert, new { tokenHash = SessionStore.Hash(token), userId, purpose, value, mailId, now, expiresAt = now + Lifetime });
        return token;
    }

    /// <summary>Whom a link is for; null when it is none, was used, or is too old. It stays: programs that read mail for people open links, too.</summary>
    public async Task<AccountLink?> FindAsync(string? token, string purpose, CancellationToken ct) => token is { Length: > 0 and <= MaxToken }
        ? await db.FindAsync<AccountLink>(Find, new { tokenHash = SessionStore.Hash(token), purpose, now = clock.GetUtcNow() }, ct)
        : null;

    /// <summary>Uses a link up, in the transaction of what it is good for. Returns false when somebody was quicker, or it is too old.</summary>
    public async Task<bool> UseAsync(DbSession session, string token, string purpose) =>
        await session.ExecuteAsync(Use, new { tokenHash = SessionStore.Hash(token), purpose, now = clock.GetUtcNow() }) == 1;

    /// <summary>Ends all links of an account: its password or its address is another now, and whoever could use them may be the reason.</summary>
    public static Task EndAllAsync(DbSession session, long userId) => session.ExecuteAsync(DeleteOfUser, new { userId });

    public Task DropExpiredAsync(CancellationToken ct) => db.WriteAsync(session => session.ExecuteAsync(DeleteExpired, new { now = clock.GetUtcNow() }), ct);
}

/// <summary>A link that works.</summary>
internal sealed record AccountLink
{
    public required long UserId { get; init; }
    public required string Username { get; init; }
    public string? Value { get; init; }
}

/// <summary>Every hour: links too old to work.</summary>
internal sealed class DropExpiredLinks(AccountLinkStore links) : IScheduledWork
{
    public string Name => "expired-links";

    public string Cron => "0 37 * * * ?";

    public Task RunAsync(CancellationToken ct) => links.DropExpiredAsync(ct);
}
