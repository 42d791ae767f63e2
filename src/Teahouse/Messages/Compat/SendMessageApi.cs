using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Teahouse.Accounts;
using Teahouse.Rooms;
using Teahouse.Web;

namespace Teahouse.Messages.Compat;

/// <summary>What the older chat's call answers.</summary>
/// <param name="Status">Always <c>成功</c>.</param>
/// <param name="Id">The message's id.</param>
/// <param name="Seq">Its number in the room.</param>
public sealed record SendMessageAnswer(string Status, long Id, long Seq);

/// <summary>What it answers when nothing is said.</summary>
/// <param name="Error">Always <c>消息內容不可為空</c>.</param>
public sealed record OldError(string Error);

/// <summary><c>POST /chat/api/send_message/&lt;room&gt;/</c>: how scripts of the older chat rooms send (SPEC 5). JSON or a form; a room nobody has used yet begins with it.</summary>
internal static class SendMessageApi
{
    private const string Done = "成功";

    // The words that scripts look for, in whatever language.
    private const string Empty = "消息內容不可為空";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/chat/api/send_message/{room}", SendAsync).WithTags("Kept from older systems").WithName("sendMessageKept").WithSummary("Send a message as scripts of the older chat do")
            .WithDescription("`message` in a JSON body or a form; `nonce` as in the call of today. Errors carry `error`.")
            .Accepts<MessageRequest>("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
            .Produces<SendMessageAnswer>().Produces<OldError>(StatusCodes.Status400BadRequest).ForUsers(TokenScope.Write).RequireCors(WebFeature.OtherOrigins)
            .Refuses(Refusal.BadJson, Refusal.BadFrame, Refusal.EmptyMessage, Refusal.TooLong, Refusal.BadText, Refusal.BadRoom, Refusal.NoSuchRoom, Refusal.Archived, Refusal.Forged,
                Refusal.Conflict, Refusal.RateLimited, Refusal.Busy);
    }

    private static async Task<IResult> SendAsync(HttpContext context, string room, RoomAccess access, MessageDoor door, [FromHeader(Name = "Idempotency-Key"), Description("As `nonce`.")] string? idempotencyKey,
        CancellationToken ct)
    {
        var pass = await access.EnterAsync(context.GetCaller(), room, ct);
        var fields = await BodyFields.ReadAsync(context.Request, ct, "message", "nonce");
        try
        {
            var posted = await door.PostAsync(context, pass, fields[0], BodyFields.Nonce(fields[1], idempotencyKey));
            return TypedResults.Ok(new SendMessageAnswer(Done, posted.Message.Id, posted.Message.Seq));
        }
        catch (RefusedException e) when (e.Refusal == Refusal.EmptyMessage)
        {
            return TypedResults.BadRequest(new OldError(Empty));
        }
    }
}
