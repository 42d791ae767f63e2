using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Mail;

/// <summary>All SQL of <c>mails</c>: what is to be written and sent. A row is there from the transaction that asks for it until the mail server has taken the letter, or it is given up; what is in it is
/// encrypted, for it tells who has which address. Thread-safe.</summary>
internal sealed class MailOutbox(Db db, Settings settings, IDataProtectionProvider protection, TimeProvider clock)
{
    private const string Insert = """
        INSERT INTO mails (kind, content, due_at, expires_at, created_at)
        VALUES (@kind, @content, @now, @expiresAt, @now)
        """;

    // Whoever takes a row puts off its next try: a process that dies with it needs no other to notice.
    private const string Take = """
        UPDATE mails
        SET attempts = attempts + 1, due_at = @againAt
        WHERE id = @id AND attempts = @attempts
        """;

    private const string PutOff = "UPDATE mails SET due_at = @dueAt WHERE id = @id AND attempts = @attempts";

    private const string First = "SELECT id, kind, content, attempts, due_at, expires_at FROM mails ORDER BY due_at, id LIMIT 1";

    private const string Delete = "DELETE FROM mails WHERE id = @id";

    private const string CountAll = "SELECT COUNT(*) FROM mails";

    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(4);

    private readonly IDataProtector _protector = protection.CreateProtector("mails");

    /// <summary>After the commit of a row of this process.</summary>
    public event Action? Added;

    /// <summary>Asks for a letter in the caller's transaction. Where no mail server is set nothing is written down.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="kind">Of its <see cref="IMailWriter"/>.</param>
    /// <param name="content">What the writer needs, as JSON can hold it.</param>
    /// <param name="worth">For how long it is worth sending; null: until mail is given up.</param>
    public async Task AddAsync<T>(DbSession session, string kind, T content, TimeSpan? worth = null)
    {
        if (!settings.Mail.IsOn)
        {
            return;
        }
        var now = clock.GetUtcNow();
        var longest = settings.Mail.GiveUp;
        await session.ExecuteAsync(Insert, new { kind, content = _protector.Protect(JsonSerializer.Serialize(content)), now, expiresAt = now + (worth < longest ? worth.Value : longest) });
        session.AfterCommit(() => Added?.Invoke());
    }

    /// <summary>The same in a transaction of its own.</summary>
    public Task AddAsync<T>(string kind, T content, TimeSpan? worth, CancellationToken ct) => db.WriteAsync(session => AddAsync(session, kind, content, worth), ct);

    /// <summary>The next letter if it is due, for this process alone to send; otherwise when the first one will be, null for none.</summary>
    public async Task<(MailRow? Mail, DateTimeOffset? DueAt)> TakeAsync(CancellationToken ct)
    {
        while (await db.FindAsync<MailRow>(First, null, ct) is { } mail)
        {
            var now = clock.GetUtcNow();
            if (mail.DueAt > now)
            {
                return (null, mail.DueAt);
            }
            // Never before a try under way has ended.
            var againAt = now + settings.Mail.Timeout + WaitAfter(mail.Attempts);
            if (await db.WriteAsync(session => session.ExecuteAsync(Take, new { id = mail.Id, attempts = mail.Attempts, againAt }), CancellationToken.None) == 1)
            {
                return (mail with { Attempts = mail.Attempts + 1, DueAt = againAt }, null);
            }
        }
        return (null, null);
    }

    /// <summary>The try has failed: the next one comes after a wait that grows. Without this it comes later, once the try could no longer be under way.</summary>
    public Task PutOffAsync(MailRow mail) => db.WriteAsync(session =>
        session.ExecuteAsync(PutOff, new { id = mail.Id, attempts = mail.Attempts, dueAt = clock.GetUtcNow() + WaitAfter(mail.Attempts - 1) }), CancellationToken.None);

    /// <summary>The letter was sent, or never will be.</summary>
    public Task RemoveAsync(long id) => db.WriteAsync(session => session.ExecuteAsync(Delete, new { id }), CancellationToken.None);

    /// <summary>Letters that wait.</summary>
    public Task<long> CountAsync(CancellationToken ct) => db.GetAsync<long>(CountAll, null, ct);

    /// <summary>What was asked for.</summary>
    /// <exception cref="CryptographicException">It was encrypted with keys that are no longer here.</exception>
    /// <exception cref="JsonException">Another version's.</exception>
    public MailOrder Open(MailRow mail) => new(mail.Id, JsonSerializer.Deserialize<JsonElement>(_protector.Unprotect(mail.Content)));

    private TimeSpan WaitAfter(long attempts)
    {
        var wait = settings.Mail.Retry * Math.Pow(2, Math.Min(attempts, 20));
        return wait < LongestWait ? wait : LongestWait;
    }
}

/// <summary>A row of <c>mails</c>.</summary>
internal sealed record MailRow
{
    public required long Id { get; init; }
    public required string Kind { get; init; }
    public required string Content { get; init; }

    /// <summary>With the one at hand.</summary>
    public required long Attempts { get; init; }

    public required DateTimeOffset DueAt { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
}
