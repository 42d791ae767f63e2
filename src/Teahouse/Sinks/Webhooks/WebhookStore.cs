using Microsoft.AspNetCore.DataProtection;
using Teahouse.Storage;

namespace Teahouse.Sinks.Webhooks;

/// <summary>All SQL that writes <c>webhooks</c> and <c>webhook_rooms</c>. Secrets are stored encrypted with the program's keys: a copy of the database signs nothing. Thread-safe.</summary>
internal sealed class WebhookStore(Db db, SinkStore sinks, IDataProtectionProvider protection, TimeProvider clock)
{
    /// <summary>Webhooks of one account.</summary>
    public const int MaxPerUser = 50;

    /// <summary>What the keys that encrypt secrets are for.</summary>
    public const string Purpose = "Teahouse.Webhooks";

    /// <summary>How long a secret is good beside the one that replaces it.</summary>
    public static readonly TimeSpan Exchange = TimeSpan.FromDays(1);

    private const string Insert = """
        INSERT INTO webhooks (user_id, url, secret, created_at)
        VALUES (@userId, @url, @secret, @now)
        RETURNING id
        """;

    private const string InsertRoom = "INSERT INTO webhook_rooms (webhook_id, room_id) VALUES (@id, @roomId) ON CONFLICT (webhook_id, room_id) DO NOTHING";

    private const string CountOfUser = "SELECT COUNT(*) FROM webhooks WHERE user_id = @userId";

    private const string SetSink = "UPDATE webhooks SET sink_id = @sinkId WHERE id = @id";

    private const string DeleteOne = "DELETE FROM webhooks WHERE id = @id AND user_id = @userId RETURNING sink_id, url";

    private const string Rotate = """
        UPDATE webhooks
        SET previous_secret = secret, previous_until = @until, secret = @secret
        WHERE id = @id AND user_id = @userId
        RETURNING url
        """;

    private const string SinkOf = "SELECT sink_id, url FROM webhooks WHERE id = @id AND user_id = @userId";

    private readonly IDataProtector _protector = protection.CreateProtector(Purpose);

    /// <exception cref="RefusedException"><see cref="Refusal.TooMany"/>.</exception>
    public Task<WebhookRow> CreateAsync(Caller owner, long userId, string url, string secret, IReadOnlyCollection<long> roomIds, CancellationToken ct)
    {
        var hidden = _protector.Protect(secret);
        var now = clock.GetStoredNow();
        return db.WriteAsync(async session =>
        {
            if (await session.GetAsync<long>(CountOfUser, new { userId }) >= MaxPerUser)
            {
                throw new RefusedException(Refusal.TooMany, MaxPerUser);
            }
            var id = await session.GetAsync<long>(Insert, new { userId, url, secret = hidden, now });
            foreach (var roomId in roomIds)
            {
                await session.ExecuteAsync(InsertRoom, new { id, roomId });
            }
            var sink = new NewSink { Kind = WebhookTarget.KindName, Name = new Uri(url).Authority, Config = WebhookTarget.ConfigOf(id), CreatedBy = userId };
            await session.ExecuteAsync(SetSink, new { id, sinkId = await sinks.CreateAsync(session, sink) });
            await NoteAsync(session, owner, "webhook_added", url);
            return new WebhookRow { Id = id, Url = url, CreatedAt = now };
        }, ct);
    }

    /// <summary>Returns false when the user has none of that id.</summary>
    public Task<bool> DeleteAsync(Caller owner, long userId, long id, CancellationToken ct) => db.WriteAsync(async session =>
    {
        if (await session.FindAsync<Served>(DeleteOne, new { id, userId }) is not { } gone)
        {
            return false;
        }
        await sinks.DeleteAsync(session, gone.SinkId);
        await NoteAsync(session, owner, "webhook_removed", gone.Url);
        return true;
    }, ct);

    /// <summary>Puts another secret in the place of the present one, which stays good for <see cref="Exchange"/>. Returns until when.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchHook"/>.</exception>
    public Task<DateTimeOffset> RotateAsync(Caller owner, long userId, long id, string secret, CancellationToken ct)
    {
        var hidden = _protector.Protect(secret);
        var until = clock.GetStoredNow() + Exchange;
        return db.WriteAsync(async session =>
        {
            var url = await session.FindAsync<string>(Rotate, new { id, userId, secret = hidden, until }) ?? throw new RefusedException(Refusal.NoSuchHook);
            await NoteAsync(session, owner, "webhook_rotated", url);
            return until;
        }, ct);
    }

    /// <summary>Lets a webhook that ended or fails go on at once, with what it still lacks.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchHook"/>.</exception>
    public Task ResumeAsync(Caller owner, long userId, long id, CancellationToken ct) => db.WriteAsync(async session =>
    {
        var found = await session.FindAsync<Served>(SinkOf, new { id, userId }) ?? throw new RefusedException(Refusal.NoSuchHook);
        if (await sinks.ResumeAsync(session, found.SinkId))
        {
            await NoteAsync(session, owner, "webhook_resumed", found.Url);
        }
    }, ct);

    // The address may hold a key of its receiver: only where it leads is written down.
    private Task NoteAsync(DbSession session, Caller actor, string action, string url, string detail = "") =>
        AuditLog.AddAsync(session, clock.GetUtcNow(), actor, action, new Uri(url).Host, detail);

    private sealed record Served
    {
        public required long SinkId { get; init; }
        public required string Url { get; init; }
    }
}
