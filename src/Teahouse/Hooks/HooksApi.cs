using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Teahouse.Accounts;
using Teahouse.Rooms;
using Teahouse.Web;

namespace Teahouse.Hooks;

/// <summary>An incoming webhook to be made.</summary>
/// <param name="Name">What its messages go by, 1 to 50 characters; no user's name.</param>
public sealed record HookRequest([property: Required, MaxLength(Nicknames.MaxLength)] string? Name);

/// <summary>What is kept of an incoming webhook.</summary>
public record HookAnswer(long Id, string Name, string? CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt);

/// <summary>An incoming webhook just made, with its address: shown this once.</summary>
public sealed record NewHookAnswer(string Url, long Id, string Name, string? CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt)
    : HookAnswer(Id, Name, CreatedBy, CreatedAt, LastUsedAt);

/// <summary>A room's incoming webhooks, newest first.</summary>
public sealed record HookList(IReadOnlyList<HookAnswer> Hooks);

/// <summary>What Slack's notifiers send.</summary>
/// <param name="Text">In Slack's text format.</param>
/// <param name="Username">Who is to have said it.</param>
/// <param name="Blocks">Worded as text, in place of <c>text</c>.</param>
/// <param name="Attachments">Worded as text, after the rest.</param>
public sealed record SlackRequest(string? Text, string? Username, JsonElement? Blocks, JsonElement? Attachments);

/// <summary><c>POST /hooks/&lt;secret&gt;</c> in Slack's manner, and <c>/api/v1/rooms/{room}/hooks</c>.</summary>
internal static class HooksApi
{
    public static void Map(IEndpointRouteBuilder app, RouteGroupBuilder api)
    {
        var hooks = api.MapGroup("/rooms/{room}/hooks").WithTags("Incoming webhooks").ForUsers(TokenScope.Admin).Refuses(Refusal.BadRoom, Refusal.NoSuchRoom, Refusal.Forbidden);
        hooks.MapGet("/", ListAsync).WithName("listHooks").WithSummary("List a room's incoming webhooks").WithDescription("For its owners and moderators. The addresses cannot be shown again.").WithETag();
        hooks.MapPost("/", CreateAsync).WithName("createHook").WithSummary("Make an incoming webhook").WithDescription("`url` in the answer is shown this once: who has it can speak in the room.")
            .Refuses(Refusal.BadNickname, Refusal.NicknameTaken, Refusal.TooMany);
        hooks.MapDelete("/{id:long}", RevokeAsync).WithName("revokeHook").WithSummary("Revoke an incoming webhook").Refuses(Refusal.NoSuchHook);

        app.MapPost("/hooks/{secret}", CallAsync).WithTags("Incoming webhooks").WithName("callHook").WithSummary("Speak by an incoming webhook")
            .WithDescription("""
                Takes what Slack's incoming webhooks take, as JSON or as a form field `payload`, and answers as they do, in plain text: `ok`; `invalid_payload`, `no_text` (400),
                `no_service` (404), `channel_is_archived` (410), `rate_limited` (429). A text over the limit is cut.
                """)
            // Many a notifier sends its JSON as text.
            .Accepts<SlackRequest>("application/json", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
            .Produces<string>(StatusCodes.Status200OK, "text/plain").Produces<string>(StatusCodes.Status400BadRequest, "text/plain").Produces<string>(StatusCodes.Status404NotFound, "text/plain")
            .Produces<string>(StatusCodes.Status410Gone, "text/plain").Produces<string>(StatusCodes.Status429TooManyRequests, "text/plain");
    }

    private static async Task<Ok<HookList>> ListAsync(HttpContext context, string room, RoomAccess access, ManageHooks manage, CancellationToken ct) =>
        TypedResults.Ok(new HookList([.. (await manage.ListAsync(await access.FindAsync(context.GetCaller(), room, ct), ct))
            .Select(row => new HookAnswer(row.Id, row.Name, row.CreatedBy, row.CreatedAt, row.LastUsedAt))]));

    private static async Task<Created<NewHookAnswer>> CreateAsync(HttpContext context, string room, HookRequest body, RoomAccess access, ManageHooks manage, CancellationToken ct)
    {
        var pass = await access.FindAsync(context.GetCaller(), room, ct);
        var (secret, row) = await manage.CreateAsync(pass, body.Name, ct);
        return TypedResults.Created((string?)null,
            new NewHookAnswer(AddressOf(context.Request, secret), row.Id, row.Name, row.CreatedBy, row.CreatedAt, row.LastUsedAt));
    }

    private static async Task<NoContent> RevokeAsync(HttpContext context, string room, long id, RoomAccess access, ManageHooks manage, CancellationToken ct)
    {
        await manage.RevokeAsync(await access.FindAsync(context.GetCaller(), room, ct), id, ct);
        return TypedResults.NoContent();
    }

    /// <summary>Where a webhook's messages go to.</summary>
    public static string AddressOf(HttpRequest request, string secret) => $"{request.Scheme}://{request.Host}/hooks/{secret}";

    private static async Task<ContentHttpResult> CallAsync(HttpContext context, string secret, CallHook call, CancellationToken ct)
    {
        try
        {
            await call.ExecuteAsync(context, secret, () => ReadAsync(context.Request, ct), ct);
            return Answer("ok", StatusCodes.Status200OK);
        }
        catch (JsonException)
        {
            return Answer("invalid_payload", StatusCodes.Status400BadRequest);
        }
        catch (RefusedException e)
        {
            Problems.SetRetryAfter(context, e.RetryAfter);
            var (word, status) = Word(e.Refusal);
            return Answer(word, status);
        }
    }

    private static (string Word, int Status) Word(Refusal refusal) =>
        refusal == Refusal.NoSuchHook || refusal == Refusal.NoSuchRoom ? ("no_service", StatusCodes.Status404NotFound)
        : refusal == Refusal.Archived ? ("channel_is_archived", StatusCodes.Status410Gone)
        : refusal == Refusal.EmptyMessage || refusal == Refusal.BadText ? ("no_text", StatusCodes.Status400BadRequest)
        : refusal == Refusal.RateLimited ? ("rate_limited", StatusCodes.Status429TooManyRequests)
        : (refusal.Code, refusal.Status);

    private static async Task<SlackMessage> ReadAsync(HttpRequest request, CancellationToken ct)
    {
        if (request.HasFormContentType)
        {
            var form = await request.ReadFormAsync(ct);
            return form["payload"] is [{ } payload, ..] ? SlackMessage.Parse(payload) : throw new JsonException("No payload.");
        }
        using var reader = new StreamReader(request.Body);
        return SlackMessage.Parse(await reader.ReadToEndAsync(ct));
    }

    private static ContentHttpResult Answer(string word, int status) => TypedResults.Text(word, "text/plain", statusCode: status);
}
