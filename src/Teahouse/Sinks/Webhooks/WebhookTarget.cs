using System.Globalization;
using System.Text.Json;
using Teahouse.Mail;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Sinks.Webhooks;

/// <summary>Sends messages to webhooks in their order, each once it is known that the one before has arrived. When to try again is the runner's. Thread-safe.</summary>
internal sealed class WebhookTarget(WebhookQueries queries, WebhookReader reader, WebhookEvents events, PostWebhook post, MailOutbox outbox, Db db, Settings settings, TimeProvider clock) : ISinkTarget
{
    public const string KindName = "webhook";

    /// <summary>After so long a turn ends with what it has done, so that this is written down.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(5);

    public string Kind => KindName;

    public int MaxBatch => 100;

    public TimeSpan Gather => TimeSpan.Zero;

    /// <summary>What a sink has to know: which webhook it serves.</summary>
    public static string ConfigOf(long webhookId) => string.Create(CultureInfo.InvariantCulture, $$"""{"webhook":{{webhookId}}}""");

    // Of a webhook that is gone, together with its owner's account, any message is the occasion to remove the sink.
    public async ValueTask<SinkScope> FindScopeAsync(SinkRow sink, CancellationToken ct) =>
        await queries.FindRoomIdsAsync(WebhookOf(sink), ct) is { } rooms ? SinkScope.Rooms(rooms) : SinkScope.All;

    public async Task<SinkResult> DeliverAsync(SinkTurn turn, CancellationToken ct)
    {
        var sink = turn.Sink;
        if (await queries.FindAddresseeAsync(WebhookOf(sink), ct) is not { } to)
        {
            return await queries.FindRoomIdsAsync(WebhookOf(sink), ct) is null ? SinkResult.Finished(turn.Through, 0) : SinkResult.Pause(new SinkReason("owner_disabled"));
        }
        var began = clock.GetTimestamp();
        var upTo = 0L;
        List<DeliveryRow> tries = [];
        foreach (var (message, room) in turn.Messages)
        {
            if (upTo > 0 && clock.GetElapsedTime(began) > Turn)
            {
                return await EndAsync(to, tries, SinkResult.Delivered(upTo, tries.Count));
            }
            try
            {
                if (await reader.MayReadAsync(to.Owner, message.RoomId, ct))
                {
                    var what = events.Of(message, room);
                    var tried = await post.ExecuteAsync(to.Url, to.Secrets, what, ct);
                    tries.Add(DeliveryRow.Of(DeliveryKind.Message, what, tries.Count == 0 ? sink.Attempts + 1 : 1, tried));
                    if (!tried.IsDelivered)
                    {
                        return await EndAsync(to, tries, Judge(sink, tried, upTo, tries.Count - 1));
                    }
                }
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested && upTo > 0)
            {
                // The program stops. Of this message nobody knows; those before it have arrived, and must not come again.
                return await EndAsync(to, tries, SinkResult.Delivered(upTo, tries.Count));
            }
            upTo = message.Id;
        }
        return await EndAsync(to, tries, SinkResult.Delivered(turn.Through, tries.Count));
    }

    private SinkResult Judge(SinkRow sink, DeliveryTry failed, long upTo, int count)
    {
        var what = failed.Error ?? string.Create(CultureInfo.InvariantCulture, $"HTTP {failed.Status}");
        // Something that arrived ends what failed before it.
        var since = count > 0 ? null : sink.FailingSince;
        return failed.IsGone ? SinkResult.Pause(new SinkReason(WebhookEnd.Gone), upTo, count)
            : clock.GetUtcNow() - since >= settings.WebhookGiveUp ? SinkResult.Pause(new SinkReason(WebhookEnd.GivenUp, what), upTo, count)
            : SinkResult.Wait(new SinkReason("not_delivered", what), failed.RetryAfter, upTo, count);
    }

    /// <summary>Writes down what was tried. Done is done, whoever wants to stop.</summary>
    private async Task<SinkResult> EndAsync(WebhookAddressee to, List<DeliveryRow> tries, SinkResult result)
    {
        if (tries.Count > 0)
        {
            await db.WriteAsync(session => DeliveryStore.AddAsync(session, to.Id, tries), CancellationToken.None);
        }
        return result is { Outcome: SinkOutcome.Pause, Reason: { } why } ? result with { WithPause = session => TellAsync(session, to, why) } : result;
    }

    private async Task TellAsync(DbSession session, WebhookAddressee to, SinkReason why)
    {
        // The address may hold a key of its receiver: only where it leads is written down.
        await AuditLog.AddAsync(session, clock.GetUtcNow(), Caller.System, "webhook_ended", to.Url.Host, $"{to.Owner.Username}: {why.Code}");
        await outbox.AddAsync(session, WebhookPausedLetter.MailKind, new WebhookPausedOrder(to.Id, why.ToString()));
    }

    private static long WebhookOf(SinkRow sink)
    {
        using var config = JsonDocument.Parse(sink.Config);
        return config.RootElement.GetProperty("webhook").GetInt64();
    }
}
