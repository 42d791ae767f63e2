using Teahouse.Storage;

namespace Teahouse.Sinks.Webhooks;

/// <summary>What the owner of a webhook does with it. Thread-safe.</summary>
internal sealed class ManageWebhooks(WebhookStore store, DeliveryQueries deliveries, ErrandStore errands, Db db)
{
    /// <summary>The latest tries to deliver, latest first.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.SignInFirst"/>, <see cref="Refusal.ScopeTooSmall"/>, <see cref="Refusal.NoSuchHook"/>.</exception>
    public async Task<(WebhookRow Webhook, IReadOnlyList<DeliveryRow> Deliveries)> ListDeliveriesAsync(Caller caller, long id, CancellationToken ct) =>
        await deliveries.ListAsync(OwnerOf(caller), id, ct);

    /// <summary>Gives the webhook another secret. Returns it, and until when the one before is good too.</summary>
    /// <param name="caller">Its owner.</param>
    /// <param name="id">Which.</param>
    /// <param name="secret">Null for one made up here.</param>
    /// <param name="ct">Honoured until the work begins.</param>
    /// <exception cref="RefusedException">Those of <see cref="ListDeliveriesAsync"/>, <see cref="Refusal.BadSecret"/>.</exception>
    public async Task<(string Secret, DateTimeOffset PreviousUntil)> RotateAsync(Caller caller, long id, string? secret, CancellationToken ct)
    {
        var owner = OwnerOf(caller);
        var parsed = WebhookSecret.Parse(secret);
        return (parsed, await store.RotateAsync(caller, owner, id, parsed, ct));
    }

    /// <summary>Lets it go on at once, whatever stopped it.</summary>
    /// <exception cref="RefusedException">Those of <see cref="ListDeliveriesAsync"/>.</exception>
    public Task ResumeAsync(Caller caller, long id, CancellationToken ct) => store.ResumeAsync(caller, OwnerOf(caller), id, ct);

    /// <summary>Has a test sent soon.</summary>
    /// <exception cref="RefusedException">Those of <see cref="ListDeliveriesAsync"/>, <see cref="Refusal.TooMany"/>.</exception>
    public Task TestAsync(Caller caller, long id, CancellationToken ct) => AddAsync(caller, id, session => errands.AddAsync(session, id, DeliveryKind.Test), ct);

    /// <summary>Has the message of a delivery sent once more, soon.</summary>
    /// <exception cref="RefusedException">Those of <see cref="TestAsync"/>, <see cref="Refusal.NoSuchDelivery"/>.</exception>
    public Task ReplayAsync(Caller caller, long id, long delivery, CancellationToken ct) => AddAsync(caller, id, async session =>
    {
        var message = await DeliveryQueries.FindMessageAsync(session, id, delivery) ?? throw new RefusedException(Refusal.NoSuchDelivery) { Field = "delivery" };
        await errands.AddAsync(session, id, DeliveryKind.Replay, message, message);
    }, ct);

    /// <summary>Has all messages of its rooms with ids from <paramref name="first"/> to <paramref name="last"/> sent once more, in their order, soon.</summary>
    /// <exception cref="RefusedException">Those of <see cref="TestAsync"/>, <see cref="Refusal.BadRange"/>.</exception>
    public Task ReplayAsync(Caller caller, long id, long first, long last, CancellationToken ct) => first > last
        ? throw new RefusedException(Refusal.BadRange) { Field = "first" }
        : AddAsync(caller, id, session => errands.AddAsync(session, id, DeliveryKind.Replay, first, last), ct);

    private Task AddAsync(Caller caller, long id, Func<DbSession, Task> add, CancellationToken ct)
    {
        var owner = OwnerOf(caller);
        return db.WriteAsync(async session =>
        {
            await WebhookQueries.GetAsync(session, owner, id);
            await add(session);
        }, ct);
    }

    private static long OwnerOf(Caller caller)
    {
        var owner = caller.UserId ?? throw new RefusedException(Refusal.SignInFirst);
        caller.Require(TokenScope.Admin);
        return owner;
    }
}
