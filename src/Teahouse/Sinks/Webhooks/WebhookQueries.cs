using Microsoft.AspNetCore.DataProtection;
using Teahouse.Storage;

namespace Teahouse.Sinks.Webhooks;

/// <summary>SQL that reads webhooks. Thread-safe.</summary>
internal sealed class WebhookQueries(Db db, IDataProtectionProvider protection, TimeProvider clock)
{
    private const string Columns = """
        SELECT w.id, w.url, w.created_at, w.previous_until, s.state AS sink_state, s.reason, s.failing_since, s.wait_until
        FROM webhooks w
        JOIN sinks s ON s.id = w.sink_id
        """;

    private const string OfUser = Columns + """

        WHERE w.user_id = @userId
        ORDER BY w.id DESC
        LIMIT @limit
        """;

    private const string One = Columns + """

        WHERE w.id = @id AND w.user_id = @userId
        """;

    private const string RoomIds = """
        SELECT wr.room_id
        FROM webhooks w
        LEFT JOIN webhook_rooms wr ON wr.webhook_id = w.id
        WHERE w.id = @id
        LIMIT 1000
        """;

    private const string RoomsOfUser = """
        SELECT wr.webhook_id, r.name
        FROM webhooks w
        JOIN webhook_rooms wr ON wr.webhook_id = w.id
        JOIN rooms r ON r.id = wr.room_id
        WHERE w.user_id = @userId AND r.kind <> 'gone'
        ORDER BY r.name_key
        LIMIT 5000
        """;

    private const string Addressee = """
        SELECT w.id, w.url, w.secret, w.previous_secret, w.previous_until, u.id AS user_id, u.username
        FROM webhooks w
        JOIN users u ON u.id = w.user_id
        WHERE w.id = @id AND u.disabled_at IS NULL
        """;

    private const string Owner = """
        SELECT u.email, u.language, w.url
        FROM webhooks w
        JOIN users u ON u.id = w.user_id
        WHERE w.id = @id AND u.disabled_at IS NULL
        """;

    private readonly IDataProtector _protector = protection.CreateProtector(WebhookStore.Purpose);

    /// <summary>The user's webhooks, newest first, each with the names of its rooms.</summary>
    public Task<List<(WebhookRow Webhook, IReadOnlyList<string> Rooms)>> ListAsync(long userId, CancellationToken ct) => db.ReadAsync(async session =>
    {
        var rows = await session.QueryAsync<WebhookRow>(OfUser, new { userId, limit = WebhookStore.MaxPerUser });
        var rooms = (await session.QueryAsync<RoomOfWebhook>(RoomsOfUser, new { userId })).ToLookup(row => row.WebhookId, row => row.Name);
        List<(WebhookRow, IReadOnlyList<string>)> found = [];
        found.AddRange(rows.Select(row => (row, (IReadOnlyList<string>)[.. rooms[row.Id]])));
        return found;
    }, ct);

    /// <summary>The user's webhook of this id.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchHook"/>.</exception>
    public static async Task<WebhookRow> GetAsync(DbSession session, long userId, long id) =>
        await session.FindAsync<WebhookRow>(One, new { id, userId }) ?? throw new RefusedException(Refusal.NoSuchHook);

    /// <summary>The rooms whose messages the webhook gets; null when it is gone.</summary>
    public async Task<IReadOnlyList<long>?> FindRoomIdsAsync(long id, CancellationToken ct)
    {
        var rows = await db.QueryAsync<long?>(RoomIds, new { id }, ct);
        // A webhook whose rooms are gone has one row without a room.
        return rows.Count == 0 ? null : [.. rows.OfType<long>()];
    }

    /// <summary>The webhook, ready to be sent to; null when it is gone, or its owner may not sign in.</summary>
    public async Task<WebhookAddressee?> FindAddresseeAsync(long id, CancellationToken ct)
    {
        if (await db.FindAsync<AddresseeRow>(Addressee, new { id }, ct) is not { } row)
        {
            return null;
        }
        List<string> secrets = [_protector.Unprotect(row.Secret)];
        if (row.PreviousSecret is { } previous && row.PreviousUntil > clock.GetUtcNow())
        {
            secrets.Add(_protector.Unprotect(previous));
        }
        var owner = new Caller { Kind = CallerKind.User, UserId = row.UserId, Username = row.Username };
        return new WebhookAddressee(row.Id, new Uri(row.Url), secrets, owner);
    }

    /// <summary>Whom to write to about a webhook; null when it is gone, or its owner may not sign in.</summary>
    public Task<WebhookOwner?> FindOwnerAsync(long id, CancellationToken ct) => db.FindAsync<WebhookOwner>(Owner, new { id }, ct);

    private sealed record RoomOfWebhook
    {
        public required long WebhookId { get; init; }
        public required string Name { get; init; }
    }

    private sealed record AddresseeRow
    {
        public required long Id { get; init; }
        public required string Url { get; init; }
        public required string Secret { get; init; }
        public string? PreviousSecret { get; init; }
        public DateTimeOffset? PreviousUntil { get; init; }
        public required long UserId { get; init; }
        public required string Username { get; init; }
    }
}

/// <summary>Whom a webhook belongs to, for letters about it.</summary>
internal sealed record WebhookOwner
{
    public string? Email { get; init; }
    public string? Language { get; init; }
    public required string Url { get; init; }
}
