using Teahouse.Accounts;
using Teahouse.Storage;

namespace Teahouse.Sinks.Webhooks;

/// <summary>What administrators do with anybody's outgoing webhooks. Each act is in the audit log. Thread-safe.</summary>
internal sealed class AdministerWebhooks(WebhookListQueries queries, WebhookStore store, SinkStore sinks, Db db, TimeProvider clock)
{
    /// <summary>Nothing is sent until it is resumed; what is said meanwhile is sent then. Returns false when there is none of that id, or it is paused already.</summary>
    /// <exception cref="RefusedException">Those of <see cref="UserAccess.RequireAsync"/>.</exception>
    public Task<bool> PauseAsync(Caller caller, long id, CancellationToken ct) => ChangeAsync(caller, id, "webhook_paused", async (session, webhook) =>
    {
        if (webhook.State == SinkRow.Paused)
        {
            return false;
        }
        await sinks.PauseAsync(session, webhook.SinkId, SinkReason.ByHand);
        return true;
    }, ct);

    /// <summary>Lets it go on at once. Returns false when there is none of that id, or it runs.</summary>
    /// <exception cref="RefusedException">Those of <see cref="UserAccess.RequireAsync"/>.</exception>
    public Task<bool> ResumeAsync(Caller caller, long id, CancellationToken ct) =>
        ChangeAsync(caller, id, "webhook_resumed", (session, webhook) => sinks.ResumeAsync(session, webhook.SinkId), ct);

    /// <summary>Returns false when there is none of that id.</summary>
    /// <exception cref="RefusedException">Those of <see cref="UserAccess.Require"/>.</exception>
    public async Task<bool> RemoveAsync(Caller caller, long id, CancellationToken ct)
    {
        UserAccess.Require(caller);
        return await queries.ListAsync([id], ct) is [var webhook] && await store.DeleteAsync(caller, webhook.UserId, id, ct);
    }

    private async Task<bool> ChangeAsync(Caller caller, long id, string action, Func<DbSession, WebhookListRow, Task<bool>> change, CancellationToken ct)
    {
        UserAccess.Require(caller);
        return await queries.ListAsync([id], ct) is [var webhook] && await db.WriteAsync(async session =>
        {
            await UserAccess.RequireAsync(session, caller);
            if (!await change(session, webhook))
            {
                return false;
            }
            await AuditLog.AddAsync(session, clock.GetUtcNow(), caller, action, webhook.Host, $"of {webhook.Owner}");
            return true;
        }, ct);
    }
}
