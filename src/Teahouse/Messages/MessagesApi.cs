using System.Buffers;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Teahouse.Accounts;
using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>A message to be sent.</summary>
/// <param name="Message">1 to 8,000 characters, unless the server is set otherwise.</param>
/// <param name="Nonce">Your own id for it, 1 to 64 characters: sent again with the same one it is stored once. <c>Idempotency-Key</c> does the same.</param>
public sealed record MessageRequest([property: Required] string? Message, [property: MaxLength(PostMessage.MaxNonceLength)] string? Nonce);

/// <summary>Up to where was read.</summary>
/// <param name="Seq">The number of the last message read; past the newest means the newest.</param>
public sealed record ReadRequest([property: Required] long? Seq);

/// <summary>One's read mark.</summary>
/// <param name="LastReadSeq">The last message read; 0 for who has no mark.</param>
/// <param name="Unread">Later messages by others.</param>
public sealed record ReadAnswer(long LastReadSeq, long Unread);

/// <summary><c>/api/v1/rooms/{room}/messages</c> and <c>/read</c>.</summary>
internal static class MessagesApi
{
    private const int DefaultLimit = 50;
    private const string Json = "application/json; charset=utf-8";

    public static void Map(RouteGroupBuilder api)
    {
        var rooms = api.MapGroup("/rooms").WithTags("Messages");
        rooms.MapGet("/{room}/messages", ListAsync).WithName("listMessages").WithSummary("Read messages")
            .WithDescription("""
                Oldest first: the latest; those `before` or `after` a number; or, with `since_rev`, everything that changed after that revision, lowest revision first.
                Go on with `before` the first or `after` the last number you got, or `since_rev` the answer's `rev`.
                """)
            .Produces<MessagePage>().Refuses(Refusal.BadRoom, Refusal.NoSuchRoom, Refusal.BadFrame).WithETag();
        rooms.MapPost("/{room}/messages", PostAsync).WithName("postMessage").WithSummary("Send a message")
            .WithDescription("201 when it is on disk. The same `nonce` or `Idempotency-Key` again: 200 with the first one, and nothing is stored; with another text: 409.")
            .Produces<MessageAnswer>(StatusCodes.Status201Created).Produces<MessageAnswer>()
            .Refuses(Refusal.SignInFirst, Refusal.ScopeTooSmall, Refusal.Forged, Refusal.BadRoom, Refusal.NoSuchRoom, Refusal.BadFrame, Refusal.EmptyMessage, Refusal.TooLong, Refusal.BadText,
                Refusal.Archived, Refusal.Conflict, Refusal.RateLimited, Refusal.Busy);
        rooms.MapDelete("/{room}/messages/{id:long}", RemoveAsync).WithName("removeMessage").WithSummary("Remove a message")
            .WithDescription("""
                Its text is gone from everywhere at once; its `seq` stays, with `deleted`. Authors remove their own, owners and moderators of the room, and administrators, anybody's.
                Removed before: 204 too.
                """)
            .Produces(StatusCodes.Status204NoContent)
            .Refuses(Refusal.SignInFirst, Refusal.ScopeTooSmall, Refusal.Forged, Refusal.BadRoom, Refusal.NoSuchRoom, Refusal.NoSuchMessage, Refusal.Forbidden, Refusal.Archived, Refusal.Busy);
        rooms.MapPost("/{room}/read", ReadAsync).WithName("markRead").WithSummary("Mark as read")
            .WithDescription("Moves your read mark forward; it never goes back.").ForUsers(TokenScope.Write).Refuses(Refusal.BadRoom, Refusal.NoSuchRoom, Refusal.BadFrame);
        BansApi.Map(rooms);
        StreamApi.Map(rooms);
        ExportApi.Map(rooms);
    }

    private static async Task<IResult> ListAsync(
        HttpContext context,
        string room,
        [Description("Messages before this number.")] long? before,
        [Description("Messages after this number.")] long? after,
        [FromQuery(Name = "since_rev"), Description("What changed after this revision.")] long? sinceRev,
        [Description("How many at most, 1 to 200; 50 if left out.")] int? limit,
        RoomAccess access,
        ReadHistory history,
        MessageEncoder encoder,
        Db db,
        CancellationToken ct)
    {
        var most = Paging.Limit(limit, DefaultLimit, ReadHistory.MaxLimit);
        if ((before is not null ? 1 : 0) + (after is not null ? 1 : 0) + (sinceRev is not null ? 1 : 0) > 1)
        {
            throw new RefusedException(Refusal.BadFrame) { Field = "before" };
        }
        var pass = await access.FindAsync(context.GetCaller(), room, ct);
        var page = await history.ExecuteAsync(pass, new HistoryQuery(before, after, sinceRev, most), ct);
        return TypedResults.Bytes(Encode(json =>
        {
            json.WriteStartArray("messages"u8);
            foreach (var message in page.Messages)
            {
                encoder.Write(json, message, pass.Name);
            }
            json.WriteEndArray();
            json.WriteBoolean("has_more"u8, page.HasMore);
            json.WriteNumber("rev"u8, page.Rev);
            json.WriteString("epoch"u8, db.Epoch);
            if (page.OtherReadSeq is { } seq)
            {
                json.WriteNumber("other_read_seq"u8, seq);
            }
        }), Json);
    }

    private static async Task<IResult> PostAsync(
        HttpContext context,
        string room,
        MessageRequest body,
        [FromHeader(Name = "Idempotency-Key"), Description("As `nonce`.")] string? idempotencyKey,
        RoomAccess access,
        MessageDoor door,
        CancellationToken ct)
    {
        var caller = context.GetCaller();
        if (caller.Kind == CallerKind.Anonymous)
        {
            throw new RefusedException(Refusal.SignInFirst);
        }
        var key = string.IsNullOrEmpty(idempotencyKey) ? null : idempotencyKey.Trim('"');
        if (body.Nonce is not null && key is not null && body.Nonce != key)
        {
            throw new RefusedException(Refusal.BadFrame) { Field = "nonce" };
        }
        var pass = await access.FindAsync(caller, room, ct);
        var posted = await door.PostAsync(context, pass, body.Message, body.Nonce ?? key);
        return new MessageResult(posted, pass.Name);
    }

    private static async Task<NoContent> RemoveAsync(HttpContext context, string room, long id, RoomAccess access, RemoveMessage remove, CancellationToken ct)
    {
        var caller = context.GetCaller();
        if (caller.Kind == CallerKind.Anonymous)
        {
            throw new RefusedException(Refusal.SignInFirst);
        }
        await remove.ExecuteAsync(await access.FindAsync(caller, room, ct), id, ct);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<ReadAnswer>> ReadAsync(HttpContext context, string room, ReadRequest body, RoomAccess access, MarkRead markRead, CancellationToken ct)
    {
        if (body.Seq is not >= 0)
        {
            throw new RefusedException(Refusal.BadFrame) { Field = "seq" };
        }
        var caller = context.GetCaller();
        await markRead.ExecuteAsync(await access.FindAsync(caller, room, ct), body.Seq.Value, ct);
        var now = await access.FindAsync(caller, room, ct);
        return TypedResults.Ok(now is { Membership: { } membership, Room: { } known }
            ? new ReadAnswer(membership.LastReadSeq, membership.Unread(known.LastSeq))
            : new ReadAnswer(0, 0));
    }

    private static byte[] Encode(Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using var json = new Utf8JsonWriter(buffer, ControlFrames.Options);
        json.WriteStartObject();
        fields(json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>201 with a new message, 200 with one that was there.</summary>
    private sealed class MessageResult(Posted posted, string room) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var encoder = httpContext.RequestServices.GetRequiredService<MessageEncoder>();
            var buffer = new ArrayBufferWriter<byte>(512);
            using (var json = new Utf8JsonWriter(buffer, ControlFrames.Options))
            {
                encoder.Write(json, posted.Message, room);
            }
            httpContext.Response.StatusCode = posted.IsRepeat ? StatusCodes.Status200OK : StatusCodes.Status201Created;
            httpContext.Response.ContentType = Json;
            httpContext.Response.ContentLength = buffer.WrittenCount;
            return httpContext.Response.Body.WriteAsync(buffer.WrittenMemory, CancellationToken.None).AsTask();
        }
    }
}

/// <summary>Posting over HTTP, for every door that does it: pace and address. Thread-safe.</summary>
internal sealed class MessageDoor(PostMessage post, RateLimits limits)
{
    /// <exception cref="RefusedException">As of <see cref="PostMessage"/>, and <see cref="Refusal.RateLimited"/>.</exception>
    public Task<Posted> PostAsync(HttpContext context, RoomPass pass, string? text, string? nonce)
    {
        pass.Caller.Require(TokenScope.Write);
        var address = context.Connection.RemoteIpAddress ?? IPAddress.None;
        limits.TakeMessage(pass.Caller, address, "a:" + ClientNetwork.Of(address));
        return post.ExecuteAsync(pass, new PostMessageInput(text ?? throw new RefusedException(Refusal.EmptyMessage) { Field = "message" }, nonce));
    }
}
