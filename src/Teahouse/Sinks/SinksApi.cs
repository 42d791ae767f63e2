using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Teahouse.Accounts;
using Teahouse.Sinks.GoogleSheets;
using Teahouse.Web;

namespace Teahouse.Sinks;

/// <summary>A Google Sheet that is to get messages.</summary>
/// <param name="Spreadsheet">The spreadsheet's address, or the id in it.</param>
/// <param name="Tab">The tab's name; <c>ChatLogs</c> when left out.</param>
/// <param name="Name">What it is called; the tab's name when left out.</param>
/// <param name="Key">The content of a service account's key file. Left out, the server's own is used.</param>
/// <param name="Room">Only this room's messages.</param>
/// <param name="Project">Only the messages of this project's chats, by its slug.</param>
/// <param name="From"><c>beginning</c>: also what was said until now.</param>
public sealed record SheetRequest([property: Required] string? Spreadsheet, string? Tab, string? Name, JsonElement? Key, string? Room, string? Project, [property: AllowedValues("now", "beginning", null)] string? From);

/// <summary>An outlet for messages, and how it fares.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind"><c>sheet</c> or <c>webhook</c>.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Room">Only this room's messages.</param>
/// <param name="Project">Only the messages of this project's chats.</param>
/// <param name="State"><c>running</c>, <c>waiting</c> for its next try, or <c>paused</c> until somebody resumes it.</param>
/// <param name="Reason">Why it waits or is paused.</param>
/// <param name="WaitUntil">When it is tried again.</param>
/// <param name="Cursor">The id of the message up to which everything is delivered.</param>
/// <param name="LagMessages">Messages not delivered yet; not counted beyond 20,000.</param>
/// <param name="LagSeconds">How long ago the oldest of those was said.</param>
/// <param name="Delivered">Messages delivered so far.</param>
/// <param name="LastSuccessAt">When something was delivered last.</param>
/// <param name="LastError">What went wrong last.</param>
/// <param name="LastErrorAt">When.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record SinkAnswer(long Id, string Kind, string Name, string? Room, string? Project, [property: AllowedValues("running", "waiting", "paused")] string State, string? Reason, DateTimeOffset? WaitUntil,
    long Cursor, long LagMessages, double LagSeconds, long Delivered, DateTimeOffset? LastSuccessAt, string? LastError, DateTimeOffset? LastErrorAt, DateTimeOffset CreatedAt);

/// <summary>All sinks of the site.</summary>
public sealed record SinkAnswers(IReadOnlyList<SinkAnswer> Sinks);

/// <summary>A sink just made.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Account">The service account's address: the spreadsheet must be shared with it.</param>
public sealed record NewSinkAnswer(long Id, string? Account);

/// <summary><c>/api/v1/sinks</c>, for administrators.</summary>
internal static class SinksApi
{
    public static void Map(RouteGroupBuilder api)
    {
        var sinks = api.MapGroup("/sinks").WithTags("Sinks").ForUsers(TokenScope.Admin).Refuses(Refusal.Forbidden);
        sinks.MapGet("/", ListAsync).WithName("listSinks").WithSummary("List the site's sinks").WithDescription("For administrators.");
        sinks.MapPost("/", CreateAsync).WithName("createSink").WithSummary("Send messages to a Google Sheet").WithDescription("For administrators. The spreadsheet must be shared with `account` as Editor.")
            .Refuses(Refusal.BadSheet, Refusal.BadKey, Refusal.KeyMissing, Refusal.KeyElsewhere, Refusal.NoWorker, Refusal.NoSuchRoom, Refusal.NoSuchProject, Refusal.SheetTaken);
        sinks.MapDelete("/{id:long}", RemoveAsync).WithName("removeSink").WithSummary("Remove a sink").WithDescription("For administrators. What it has written stays where it is.")
            .Refuses(Refusal.NoSuchSink, Refusal.SinkOfSettings);
    }

    private static async Task<Ok<SinkAnswers>> ListAsync(HttpContext context, ManageSinks manage, TimeProvider clock, CancellationToken ct)
    {
        var now = clock.GetUtcNow();
        return TypedResults.Ok(new SinkAnswers([.. (await manage.ListAsync(context.GetCaller(), ct)).Select(view => new SinkAnswer(
            view.Sink.Id, view.Sink.Kind, view.Sink.Name, view.Room, view.Project, view.Sink.State, view.Sink.Reason, view.Sink.WaitUntil, view.Sink.CursorId, view.LagMessages,
            view.LagSince is { } since ? Math.Max(0, Math.Round((now - since).TotalSeconds, 3)) : 0, view.Sink.Delivered, view.Sink.LastSuccessAt, view.Sink.LastError, view.Sink.LastErrorAt, view.Sink.CreatedAt))]));
    }

    private static async Task<Created<NewSinkAnswer>> CreateAsync(HttpContext context, SheetRequest body, ManageSinks manage, SinkQueries queries, CancellationToken ct)
    {
        var key = body.Key is { ValueKind: not JsonValueKind.Null and not JsonValueKind.Undefined } given ? given.ValueKind == JsonValueKind.String ? given.GetString() : given.GetRawText() : null;
        var id = await manage.AddSheetAsync(context.GetCaller(), new SheetInput(body.Name, body.Spreadsheet, body.Tab, key, body.Room, body.Project, body.From == "beginning"), ct);
        return TypedResults.Created((string?)null, new NewSinkAnswer(id, await queries.FindAsync(id, ct) is { } made ? SheetConfig.Parse(made.Config).Account : null));
    }

    private static async Task<NoContent> RemoveAsync(HttpContext context, long id, ManageSinks manage, CancellationToken ct)
    {
        await manage.RemoveAsync(context.GetCaller(), id, ct);
        return TypedResults.NoContent();
    }
}
