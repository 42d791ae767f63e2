using Microsoft.AspNetCore.DataProtection;
using Teahouse.Storage;

namespace Teahouse.Sinks;

/// <summary>All SQL that writes <c>webhooks</c> and <c>webhook_rooms</c>. Secrets are stored encrypted with the program's keys: a copy of the database signs nothing. Thread-safe.</summary>
internal sealed class WebhookStore(Db db, IDataProtectionProvider protection, TimeProvider clock)
{
    /// <summary>Webhooks of one account.</summary>
    public const int MaxPerUser = 50;

    private const string Insert = """
        INSERT INTO webhooks (user_id, url, secret, created_at)
        VALUES (@userId, @url, @secret, @now)
        RETURNING id
        """;

    private const string InsertRoom = "INSERT INTO webhook_rooms (webhook_id, room_id) VALUES (@id, @roomId) ON CONFLICT (webhook_id, room_id) DO NOTHING";

    private const string CountOfUser = "SELECT COUNT(*) FROM webhooks WHERE user_id = @userId";

    private const string DeleteOne = "DELETE FROM webhooks WHERE id = @id AND user_id = @userId RETURNING url";

    private readonly IDataProtector _protector = protection.CreateProtector("Teahouse.Webhooks");

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
            // The address may hold a key of its receiver: only where it leads is written down.
            await AuditLog.AddAsync(session, now, owner.Username, "webhook_added", new Uri(url).Host);
            return new WebhookRow { Id = id, Url = url, CreatedAt = now };
        }, ct);
    }

    /// <summary>Returns false when the user has none of that id.</summary>
    public Task<bool> DeleteAsync(Caller owner, long userId, long id, CancellationToken ct) => db.WriteAsync(async session =>
    {
        if (await session.FindAsync<string>(DeleteOne, new { id, userId }) is not { } url)
        {
            return false;
        }
        await AuditLog.AddAsync(session, clock.GetUtcNow(), owner.Username, "webhook_removed", new Uri(url).Host);
        return true;
    }, ct);
}
