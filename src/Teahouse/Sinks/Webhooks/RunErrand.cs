using Teahouse.Messages;
using Teahouse.Storage;

namespace Teahouse.Sinks.Webhooks;

/// <summary>Does one turn of an errand: a test, or messages once more. Thread-safe.</summary>
internal sealed class RunErrand(WebhookQueries queries, DeliveryQueries deliveries, MessageQueries messages, WebhookReader reader, WebhookEvents events, PostWebhook post, Db db, TimeProvider clock)
{
    private const int MaxBatch = 50;

    /// <summary>Tries of one message; then the errand is over, and the list of deliveries shows where.</summary>
    private const int MaxTries = 3;

    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(5);

    public async Task ExecuteAsync(Errand errand, CancellationToken ct)
    {
        if (await queries.FindAddresseeAsync(errand.WebhookId, ct) is not { } to)
        {
            await db.WriteAsync(session => ErrandStore.EndAsync(session, errand.Id), ct);
            return;
        }
        if (errand.Kind == DeliveryKind.Test)
        {
            var test = events.Test(errand.Id);
            var tried = await post.ExecuteAsync(to.Url, to.Secrets, test, ct);
            await FinishAsync(errand, [DeliveryRow.Of(errand.Kind, test, attempt: 1, tried)], next: null);
            return;
        }
        var (tries, next) = await ReplayAsync(errand, to, ct);
        await FinishAsync(errand, tries, next);
    }

    /// <summary>Returns what was tried and how the errand goes on; null when it is over.</summary>
    private async Task<(List<DeliveryRow> Tries, Errand? Next)> ReplayAsync(Errand errand, WebhookAddressee to, CancellationToken ct)
    {
        var began = clock.GetTimestamp();
        List<DeliveryRow> tries = [];
        var batch = await deliveries.ListMessagesAsync(messages, to.Id, errand.NextId, errand.LastId, MaxBatch, ct);
        foreach (var (message, room) in batch)
        {
            if (clock.GetElapsedTime(began) > Turn)
            {
                return (tries, errand);
            }
            try
            {
                if (await reader.MayReadAsync(to.Owner, message.RoomId, ct))
                {
                    var what = events.Of(message, room);
                    var tried = await post.ExecuteAsync(to.Url, to.Secrets, what, ct);
                    tries.Add(DeliveryRow.Of(errand.Kind, what, errand.Failures + 1, tried));
                    if (!tried.IsDelivered)
                    {
                        errand = errand with { NextId = message.Id, Failures = errand.Failures + 1 };
                        return (tries, errand.Failures < MaxTries && !tried.IsGone ? errand : null);
                    }
                }
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                // The program stops. What has arrived must not come again.
                return (tries, errand);
            }
            errand = errand with { NextId = message.Id + 1, Failures = 0 };
        }
        return (tries, batch.Count == MaxBatch ? errand : null);
    }

    // Done is done, whoever wants to stop.
    private Task FinishAsync(Errand errand, List<DeliveryRow> tries, Errand? next) => db.WriteAsync(async session =>
    {
        await DeliveryStore.AddAsync(session, errand.WebhookId, tries);
        if (next is null)
        {
            await ErrandStore.EndAsync(session, errand.Id);
            return;
        }
        await ErrandStore.GoOnAsync(session, next, clock.GetUtcNow() + (FirstWait * (next.Failures * next.Failures)));
    }, CancellationToken.None);
}
