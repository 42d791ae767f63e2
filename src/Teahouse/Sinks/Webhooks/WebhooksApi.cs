using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Teahouse.Accounts;
using Teahouse.Web;

namespace Teahouse.Sinks.Webhooks;

/// <summary>An outgoing webhook to be registered.</summary>
/// <param name="Url">Where messages are to be sent: an http or https address.</param>
/// <param name="Secret">What deliveries are signed with: <c>whsec_</c> and 24 to 64 bytes in Base64. Left out, one is made up.</param>
/// <param name="Rooms">Names of 1 to 100 rooms you may read.</param>
public sealed record WebhookRequest([property: Required] string? Url, string? Secret, [property: Required] IReadOnlyList<string?>? Rooms);

/// <summary>Another secret for an outgoing webhook.</summary>
/// <param name="Secret">What deliveries are signed with: <c>whsec_</c> and 24 to 64 bytes in Base64. Left out, one is made up.</param>
public sealed record RotateRequest(string? Secret);

/// <summary>What is to be sent once more: one delivery, or messages from first to last.</summary>
/// <param name="Delivery">A delivery's id.</param>
/// <param name="First">The id of the first message.</param>
/// <param name="Last">The id of the last message.</param>
public sealed record ReplayRequest(long? Delivery, long? First, long? Last);

/// <summary>A registered webhook.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Url">Where messages are sent.</param>
/// <param name="Rooms">Names of the rooms they are of.</param>
/// <param name="CreatedAt">When it was registered.</param>
/// <param name="State"><c>running</c>; <c>failing</c>: it is tried again; <c>gone</c>: the receiver answered 410; <c>given_up</c>: it failed for three days; <c>paused</c>: by an administrator.</param>
/// <param name="FailingSince">Since when it fails.</param>
public record WebhookAnswer(long Id, string Url, IReadOnlyList<string> Rooms, DateTimeOffset CreatedAt, [property: AllowedValues("running", "failing", "gone", "given_up", "paused")] string State, DateTimeOffset? FailingSince);

/// <summary>A webhook just registered, with its secret: shown this once.</summary>
public sealed record NewWebhookAnswer(string Secret, long Id, string Url, IReadOnlyList<string> Rooms, DateTimeOffset CreatedAt, string State, DateTimeOffset? FailingSince)
    : WebhookAnswer(Id, Url, Rooms, CreatedAt, State, FailingSince);

/// <summary>One's own webhooks, newest first.</summary>
public sealed record WebhookList(IReadOnlyList<WebhookAnswer> Webhooks);

/// <summary>A new secret: shown this once.</summary>
/// <param name="Secret">What deliveries are signed with from now on.</param>
/// <param name="PreviousUntil">Until then they are signed with the one before, too.</param>
public sealed record RotatedAnswer(string Secret, DateTimeOffset PreviousUntil);

/// <summary>One try to deliver.</summary>
/// <param name="Id">By which it can be sent once more.</param>
/// <param name="Kind"><c>message</c>, <c>replay</c> or <c>test</c>.</param>
/// <param name="WebhookId">The header of that name: the same for every try of a message.</param>
/// <param name="MessageId">The message; null for a test.</param>
/// <param name="Room">Where it was said.</param>
/// <param name="Seq">Its number there.</param>
/// <param name="Attempt">1 for the first try.</param>
/// <param name="At">When.</param>
/// <param name="TookMs">How long it took, in milliseconds.</param>
/// <param name="Delivered">The receiver answered 2xx.</param>
/// <param name="Status">What it answered; null for nothing.</param>
/// <param name="Error">Why there is no answer.</param>
/// <param name="Answer">The beginning of the answer, at most 1024 bytes.</param>
public sealed record DeliveryAnswer(long Id, [property: AllowedValues("message", "replay", "test")] string Kind, string WebhookId, long? MessageId, string Room, long Seq, long Attempt, DateTimeOffset At, long TookMs,
    bool Delivered, long? Status, [property: AllowedValues("timeout", "no_such_host", "unreachable", "tls", "address_refused", "broken", null)] string? Error, string Answer);

/// <summary>The latest tries to deliver, latest first.</summary>
public sealed record DeliveryList(IReadOnlyList<DeliveryAnswer> Deliveries);

/// <summary><c>/api/v1/webhooks</c>: registration, and what becomes of deliveries.</summary>
internal static class WebhooksApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var webhooks = api.MapGroup("/webhooks").WithTags("Outgoing webhooks").ForUsers(TokenScope.Admin);
        webhooks.MapGet("/", ListAsync).WithName("listWebhooks").WithSummary("List your outgoing webhooks").WithETag();
        webhooks.MapPost("/", CreateAsync).WithName("createWebhook").WithSummary("Register an outgoing webhook")
            .WithDescription("""
                Every message of these rooms from now on is sent to `url` in its order: `{"type":"message","timestamp":…,"data":{…}}`, signed as Standard Webhooks has it. Anything but 2xx is tried
                again; 410 ends it. `secret` in the answer is shown this once.
                """)
            .Refuses(Refusal.BadAddress, Refusal.PrivateAddress, Refusal.BadSecret, Refusal.BadFrame, Refusal.BadRoom, Refusal.NoSuchRoom, Refusal.TooMany);
        var one = webhooks.MapGroup("/{id:long}").Refuses(Refusal.NoSuchHook);
        one.MapDelete("/", DeleteAsync).WithName("deleteWebhook").WithSummary("Remove an outgoing webhook");
        one.MapGet("/deliveries", ListDeliveriesAsync).WithName("listWebhookDeliveries").WithSummary("List the latest deliveries of an outgoing webhook").WithDescription("The last 100 tries.").WithETag();
        one.MapPost("/rotate", RotateAsync).WithName("rotateWebhookSecret").WithSummary("Give an outgoing webhook a new secret")
            .WithDescription("For a day deliveries carry two signatures, by the new secret and by the one before. `secret` in the answer is shown this once.").Refuses(Refusal.BadSecret);
        one.MapPost("/resume", ResumeAsync).WithName("resumeWebhook").WithSummary("Let an outgoing webhook go on").WithDescription("At once, with the first message it lacks, whatever stopped it.");
        one.MapPost("/test", TestAsync).WithName("testWebhook").WithSummary("Send a test to an outgoing webhook").WithDescription("Soon: `{\"type\":\"test\",\"timestamp\":…,\"data\":{}}`. The list of deliveries tells what became of it.")
            .Refuses(Refusal.TooMany);
        one.MapPost("/replay", ReplayAsync).WithName("replayWebhook").WithSummary("Send messages once more")
            .WithDescription("`delivery`, or `first` and `last`. Soon, in their order, with the `webhook-id` they had: a receiver that has seen one may drop it.")
            .Refuses(Refusal.BadFrame, Refusal.BadRange, Refusal.NoSuchDelivery, Refusal.TooMany);
    }

    private static async Task<Ok<WebhookList>> ListAsync(HttpContext context, WebhookQueries queries, CancellationToken ct) =>
        TypedResults.Ok(new WebhookList([.. (await queries.ListAsync(context.GetUserId(), ct)).Select(found =>
            new WebhookAnswer(found.Webhook.Id, found.Webhook.Url, found.Rooms, found.Webhook.CreatedAt, found.Webhook.State, found.Webhook.FailingSince))]));

    private static async Task<Created<NewWebhookAnswer>> CreateAsync(HttpContext context, WebhookRequest body, RegisterWebhook register, CancellationToken ct)
    {
        var (webhook, secret, rooms) = await register.ExecuteAsync(context.GetCaller(), new RegisterWebhookInput(body.Url, body.Secret, body.Rooms), ct);
        return TypedResults.Created((string?)null, new NewWebhookAnswer(secret, webhook.Id, webhook.Url, rooms, webhook.CreatedAt, webhook.State, webhook.FailingSince));
    }

    private static async Task<NoContent> DeleteAsync(HttpContext context, long id, WebhookStore store, CancellationToken ct) =>
        await store.DeleteAsync(context.GetCaller(), context.GetUserId(), id, ct) ? TypedResults.NoContent() : throw new RefusedException(Refusal.NoSuchHook);

    private static async Task<Ok<DeliveryList>> ListDeliveriesAsync(HttpContext context, long id, ManageWebhooks manage, CancellationToken ct) =>
        TypedResults.Ok(new DeliveryList([.. (await manage.ListDeliveriesAsync(context.GetCaller(), id, ct)).Deliveries.Select(row => new DeliveryAnswer(
            row.Id, row.Kind, row.EventId, row.MessageId, row.Room, row.Seq, row.Attempt, row.At, row.TookMs, row.IsDelivered, row.Status, row.Error, row.Answer))]));

    private static async Task<Ok<RotatedAnswer>> RotateAsync(HttpContext context, long id, RotateRequest body, ManageWebhooks manage, CancellationToken ct)
    {
        var (secret, until) = await manage.RotateAsync(context.GetCaller(), id, body.Secret, ct);
        return TypedResults.Ok(new RotatedAnswer(secret, until));
    }

    private static async Task<NoContent> ResumeAsync(HttpContext context, long id, ManageWebhooks manage, CancellationToken ct)
    {
        await manage.ResumeAsync(context.GetCaller(), id, ct);
        return TypedResults.NoContent();
    }

    private static async Task<Accepted> TestAsync(HttpContext context, long id, ManageWebhooks manage, CancellationToken ct)
    {
        await manage.TestAsync(context.GetCaller(), id, ct);
        return TypedResults.Accepted($"/api/v1/webhooks/{id}/deliveries");
    }

    private static async Task<Accepted> ReplayAsync(HttpContext context, long id, ReplayRequest body, ManageWebhooks manage, CancellationToken ct)
    {
        await (body switch
        {
            { Delivery: { } delivery, First: null, Last: null } => manage.ReplayAsync(context.GetCaller(), id, delivery, ct),
            { Delivery: null, First: { } first, Last: { } last } => manage.ReplayAsync(context.GetCaller(), id, first, last, ct),
            _ => throw new RefusedException(Refusal.BadFrame) { Field = "delivery" },
        });
        return TypedResults.Accepted($"/api/v1/webhooks/{id}/deliveries");
    }
}
