using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Teahouse.Accounts;
using Teahouse.Messages;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Projects.Compat;

/// <summary><c>/chats/api/send-message/&lt;room&gt;/</c> and <c>/chats/api/get-messages/&lt;room&gt;/</c>: what system A's scripts call.</summary>
internal static class OldChatApi
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/chats/api/send-message/{room}", SendAsync).RequireCors(WebFeature.OtherOrigins).WithTags("Kept from older systems").WithName("sendProjectMessageKept")
            .WithSummary("Send to a project chat as older pages do").WithDescription("`content` in a form or a JSON body; `nonce` or `Idempotency-Key` so that a repeat stores nothing.")
            .Accepts<OldMessageRequest>("application/x-www-form-urlencoded", "multipart/form-data", "application/json").Produces<OldMessage>()
            .Refuses(Refusal.SignInFirst, Refusal.NoSuchRoom, Refusal.Forbidden, Refusal.BadFrame, Refusal.EmptyMessage, Refusal.TooLong, Refusal.BadText, Refusal.Archived, Refusal.Conflict,
                Refusal.RateLimited);
        app.MapGet("/chats/api/get-messages/{room}", ListAsync).RequireCors(WebFeature.OtherOrigins).WithTags("Kept from older systems").WithName("getProjectMessagesKept")
            .WithSummary("Read a project chat as older pages do").WithDescription("Messages after `last_id`, oldest first, at most 200; those by the other side become read.")
            .Produces<OldMessagePage>().Refuses(Refusal.SignInFirst, Refusal.NoSuchRoom, Refusal.Forbidden, Refusal.BadFrame);
    }

    private static async Task<IResult> SendAsync(
        HttpContext context,
        string room,
        [FromHeader(Name = "Idempotency-Key"), Description("As `nonce`.")] string? idempotencyKey,
        OldChatAccess access,
        MessageDoor door,
        OldMessageEncoder encoder,
        CancellationToken ct)
    {
        var pass = await access.EnterAsync(context.GetCaller(), room, ct);
        var fields = await BodyFields.ReadAsync(context.Request, ct, "content", "nonce");
        var posted = await door.PostAsync(context, pass, fields[0] ?? "", BodyFields.Nonce(fields[1], idempotencyKey));
        return TypedResults.Ok(encoder.Encode(posted.Message, isRead: false));
    }

    private static async Task<IResult> ListAsync(HttpContext context, string room, string? last_id, OldChatAccess access, ReadOldMessages read, CancellationToken ct)
    {
        var pass = await access.EnterAsync(context.GetCaller(), room, ct);
        // As the old page writes it before the first message: nothing, or 0.
        var lastId = string.IsNullOrEmpty(last_id) ? 0
            : long.TryParse(last_id, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
            : throw new RefusedException(Refusal.BadFrame);
        return TypedResults.Ok(await read.ExecuteAsync(pass, lastId, ct));
    }
}

/// <summary>Lets a caller into a project chat by its key alone. Unlike everywhere else a stranger is told that there is one (SPEC 3): nobody comes by a key by guessing. Thread-safe.</summary>
public sealed class OldChatAccess(Db db, ProjectChatQueries queries, RoomAccess rooms)
{
    /// <exception cref="RefusedException"><see cref="Refusal.SignInFirst"/>; <see cref="Refusal.NoSuchRoom"/> for no such chat; <see cref="Refusal.Forbidden"/> for one that is not the caller's.</exception>
    public async Task<RoomPass> EnterAsync(Caller caller, string room, CancellationToken ct)
    {
        if (!caller.IsUser)
        {
            throw new RefusedException(Refusal.SignInFirst);
        }
        var chat = await db.ReadAsync(session => queries.FindAsync(session, room), ct) ?? throw new RefusedException(Refusal.NoSuchRoom);
        try
        {
            return await rooms.FindAsync(caller, chat.Room, ct);
        }
        catch (RefusedException e) when (e.Refusal == Refusal.NoSuchRoom)
        {
            throw new RefusedException(Refusal.Forbidden);
        }
    }
}
