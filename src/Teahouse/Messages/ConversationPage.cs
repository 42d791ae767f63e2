using System.Net;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Teahouse.Rooms;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>What the form of a conversation sends.</summary>
/// <param name="Content">What is said.</param>
/// <param name="Nonce">The form's own id for it.</param>
/// <param name="Act"><c>read</c>: nothing is said.</param>
/// <param name="Seen">The last message the form stood under: with scripts, reading moves the mark by itself.</param>
public sealed record ConversationForm(string? Content, string? Nonce, string? Act, long? Seen);

/// <summary>A page that shows one room, whatever address it has; its markup is <c>_Conversation.cshtml</c>. Works without scripts: history is in the page and the form posts.</summary>
public abstract class ConversationPage(Conversation conversation) : PageModel
{
    /// <summary>Set by every handler that renders the page.</summary>
    public RoomView View { get; private set; } = null!;

    /// <summary>The page's own script asks, for networks without WebSocket: a page to look at says nothing to it.</summary>
    protected bool WantsJson => Request.GetTypedHeaders().Accept.Any(type => type.MediaType == "application/json");

    /// <summary>The page of this room.</summary>
    /// <param name="pass">The room.</param>
    /// <param name="position">Which part of its history.</param>
    /// <param name="ct">Cancels the read.</param>
    protected async Task<IActionResult> ShowAsync(RoomPass pass, RoomPosition position, CancellationToken ct)
    {
        View = await DressAsync(pass, await conversation.Read.ExecuteAsync(pass, position, ct), ct);
        return Page();
    }

    /// <summary>Whoever opens the page where they left off has read what it shows, where the reader counts on that; a page fetched ahead is not opened.</summary>
    protected Task MarkShownReadAsync(RoomPass pass, RoomPosition position, CancellationToken ct) =>
        position == RoomPosition.WhereLeftOff && HttpMethods.IsGet(Request.Method) && !Request.Headers["Sec-Purpose"].ToString().Contains("prefetch", StringComparison.OrdinalIgnoreCase)
            && View.Messages is [.., { Seq: var seq }] && (!View.IsMember || View.LastReadSeq < seq)
            ? conversation.MarkRead.TryAsync(pass, seq, ct)
            : Task.CompletedTask;

    /// <summary>Does what the form asks and answers it: a script with JSON, a browser with the way back to <paramref name="address"/>, or with the page, what was
    /// written still in its field, when it was refused.</summary>
    protected async Task<IActionResult> TakeAsync(RoomPass pass, ConversationForm form, string address, CancellationToken ct)
    {
        if (form.Seen is { } seq)
        {
            await conversation.MarkRead.ExecuteAsync(pass, seq, ct);
        }
        if (form.Act == "read")
        {
            return WantsJson ? new NoContentResult() : new SeeOtherResult(address);
        }
        try
        {
            var posted = await PostAsync(pass, form);
            return WantsJson
                ? new JsonResult(new { posted.Message.Id, posted.Message.Seq, posted.Message.Rev })
                : new SeeOtherResult(address);
        }
        catch (RefusedException e) when (!WantsJson)
        {
            // Nothing written is lost: the text stays in the field, with the reason beside it.
            var answer = await ShowAsync(pass, RoomPosition.WhereLeftOff, ct);
            View = View with { Draft = form.Content, Error = conversation.Refusals[e.Refusal.Name, [.. e.Arguments]] };
            Response.StatusCode = e.Refusal.Status;
            Problems.SetRetryAfter(HttpContext, e.RetryAfter);
            return answer;
        }
    }

    /// <summary>Posts what the form holds, at the pace its author may.</summary>
    protected Task<Posted> PostAsync(RoomPass pass, ConversationForm form)
    {
        var address = HttpContext.Connection.RemoteIpAddress ?? IPAddress.None;
        conversation.Limits.TakeMessage(pass.Caller, address, "a:" + ClientNetwork.Of(address));
        return conversation.Post.ExecuteAsync(pass, new PostMessageInput(form.Content ?? "", string.IsNullOrEmpty(form.Nonce) ? null : form.Nonce));
    }

    /// <summary>What the page's own feature has to say about the room.</summary>
    protected virtual Task<RoomView> DressAsync(RoomPass pass, RoomView view, CancellationToken ct) => Task.FromResult(view);
}

/// <summary>What every page with a conversation does.</summary>
public sealed record Conversation(ReadRoomPage Read, PostMessage Post, MarkRead MarkRead, RateLimits Limits, IStringLocalizer<RefusalText> Refusals);
