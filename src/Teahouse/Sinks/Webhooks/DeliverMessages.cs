using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Sinks.Webhooks;

/// <summary>How far a turn came, and how it goes on.</summary>
/// <param name="UpTo">The id of the last message that is done with; 0 for none.</param>
/// <param name="Next">What is to happen then.</param>
/// <param name="RetryAfter">How long the receiver asks to wait; null when it did not say.</param>
/// <param name="Error">What went wrong, for a list of sinks: a status or a word of <see cref="DeliveryError"/>.</param>
internal sealed record DeliveryOutcome(long UpTo, DeliveryNext Next, TimeSpan? RetryAfter = null, string? Error = null);

/// <summary>See <see cref="DeliveryOutcome"/>.</summary>
internal enum DeliveryNext
{
    /// <summary>With what comes after.</summary>
    GoOn,

    /// <summary>After a while with the same message.</summary>
    Wait,

    /// <summary>When its owner says so.</summary>
    Pause,

    /// <summary>Never: there is no such webhook any more.</summary>
    Stop,
}

/// <summary>Sends messages to a webhook in their order, each once it is known that the one before has arrived. Thread-safe.</summary>
internal sealed partial class DeliverMessages(
    WebhookQueries queries, WebhookStore store, WebhookReader reader, WebhookEvents events, PostWebhook post, Db db, Settings settings, TimeProvider clock, ILogger<DeliverMessages> log)
{
    /// <summary>After so long a turn ends with what it has done, so that this is written down.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(5);

    /// <param name="webhookId">To whom.</param>
    /// <param name="batch">What follows in the log, by ids.</param>
    /// <param name="ct">Ends the turn where it is.</param>
    public async Task<DeliveryOutcome> ExecuteAsync(long webhookId, IReadOnlyList<RoomMessage> batch, CancellationToken ct)
    {
        if (await queries.FindAddresseeAsync(webhookId, ct) is not { } to)
        {
            return new DeliveryOutcome(0, DeliveryNext.Stop);
        }
        if (to.Ended is not null)
        {
            return new DeliveryOutcome(0, DeliveryNext.Pause, Error: to.Ended);
        }
        var began = clock.GetTimestamp();
        var (upTo, failures) = (0L, to.Failures);
        List<DeliveryRow> tries = [];
        DeliveryTry? failed = null;
        foreach (var (message, room) in batch)
        {
            if (ct.IsCancellationRequested || (upTo > 0 && clock.GetElapsedTime(began) > Turn))
            {
                break;
            }
            if (await reader.MayReadAsync(to.Owner, message.RoomId, ct))
            {
                var what = events.Of(message, room);
                var tried = await post.ExecuteAsync(to.Url, to.Secrets, what, ct);
                tries.Add(DeliveryRow.Of(DeliveryKind.Message, what, failures + 1, tried));
                if (!tried.IsDelivered)
                {
                    failed = tried;
                    break;
                }
                failures = 0;
            }
            upTo = message.Id;
        }
        var next = await NoteAsync(to, tries, failed);
        return new DeliveryOutcome(upTo, next, failed?.RetryAfter, failed is null ? null : failed.Error ?? $"HTTP {failed.Status}");
    }

    /// <summary>Writes down what was tried, and decides how it goes on. Done is done, whoever wants to stop.</summary>
    private async Task<DeliveryNext> NoteAsync(WebhookAddressee to, List<DeliveryRow> tries, DeliveryTry? failed)
    {
        if (tries.Count == 0)
        {
            return DeliveryNext.GoOn;
        }
        var next = await db.WriteAsync(async session =>
        {
            await DeliveryStore.AddAsync(session, to.Id, tries);
            if (failed is null || tries.Count > 1)
            {
                await WebhookStore.SucceedAsync(session, to.Id);
            }
            if (failed is null)
            {
                return DeliveryNext.GoOn;
            }
            var since = await store.FailAsync(session, to.Id, 1);
            if (!failed.IsGone && (since is null || clock.GetUtcNow() - since < settings.WebhookGiveUp))
            {
                return DeliveryNext.Wait;
            }
            await store.EndAsync(session, to.Id, failed.IsGone ? WebhookEnd.Gone : WebhookEnd.GivenUp);
            return DeliveryNext.Pause;
        }, CancellationToken.None);
        if (next == DeliveryNext.Pause)
        {
            LogEnded(log, to.Id, failed?.IsGone == true ? WebhookEnd.Gone : WebhookEnd.GivenUp);
        }
        return next;
    }

    [LoggerMessage(Level = LogLevel.Warning, EventName = "webhook_ended", Message = "Webhook {Id} is paused: {Why}")]
    private static partial void LogEnded(ILogger logger, long id, string why);
}
