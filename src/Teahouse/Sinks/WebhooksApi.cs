using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.HttpResults;
using Teahouse.Accounts;
using Teahouse.Web;

namespace Teahouse.Sinks;

/// <summary>An outgoing webhook to be registered.</summary>
/// <param name="Url">Where messages are to be sent: an http or https address.</param>
/// <param name="Secret">What deliveries are signed with: <c>whsec_</c> and 24 to 64 bytes in Base64. Left out, one is made up.</param>
/// <param name="Rooms">Names of 1 to 100 rooms you may read.</param>
public sealed record WebhookRequest([property: Required] string? Url, string? Secret, [property: Required] IReadOnlyList<string?>? Rooms);

/// <summary>A registered webhook.</summary>
public record WebhookAnswer(long Id, string Url, IReadOnlyList<string> Rooms, DateTimeOffset CreatedAt);

/// <summary>A webhook just registered, with its secret: shown this once.</summary>
public sealed record NewWebhookAnswer(string Secret, long Id, string Url, IReadOnlyList<string> Rooms, DateTimeOffset CreatedAt) : WebhookAnswer(Id, Url, Rooms, CreatedAt);

/// <summary>One's own webhooks, newest first.</summary>
public sealed record WebhookList(IReadOnlyList<WebhookAnswer> Webhooks);

/// <summary><c>/api/v1/webhooks</c>: registration only; delivery reads it.</summary>
internal static class WebhooksApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var webhooks = api.MapGroup("/webhooks").WithTags("Outgoing webhooks").ForUsers(TokenScope.Admin);
        webhooks.MapGet("/", ListAsync).WithName("listWebhooks").WithSummary("List your outgoing webhooks").WithETag();
        webhooks.MapPost("/", CreateAsync).WithName("createWebhook").WithSummary("Register an outgoing webhook")
            .WithDescription("`secret` in the answer is shown this once. This version keeps registrations; it does not deliver yet.")
            .Refuses(Refusal.BadAddress, Refusal.BadSecret, Refusal.BadFrame, Refusal.BadRoom, Refusal.NoSuchRoom, Refusal.TooMany);
        webhooks.MapDelete("/{id:long}", DeleteAsync).WithName("deleteWebhook").WithSummary("Remove an outgoing webhook").Refuses(Refusal.NoSuchHook);
    }

    private static async Task<Ok<WebhookList>> ListAsync(HttpContext context, WebhookQueries queries, CancellationToken ct) =>
        TypedResults.Ok(new WebhookList([.. (await queries.ListAsync(context.GetUserId(), ct)).Select(found =>
            new WebhookAnswer(found.Webhook.Id, found.Webhook.Url, found.Rooms, found.Webhook.CreatedAt))]));

    private static async Task<Created<NewWebhookAnswer>> CreateAsync(HttpContext context, WebhookRequest body, RegisterWebhook register, CancellationToken ct)
    {
        var (webhook, secret, rooms) = await register.ExecuteAsync(context.GetCaller(), new RegisterWebhookInput(body.Url, body.Secret, body.Rooms), ct);
        return TypedResults.Created($"/api/v1/webhooks/{webhook.Id}", new NewWebhookAnswer(secret, webhook.Id, webhook.Url, rooms, webhook.CreatedAt));
    }

    private static async Task<NoContent> DeleteAsync(HttpContext context, long id, WebhookStore store, CancellationToken ct) =>
        await store.DeleteAsync(context.GetCaller(), context.GetUserId(), id, ct) ? TypedResults.NoContent() : throw new RefusedException(Refusal.NoSuchHook);
}
