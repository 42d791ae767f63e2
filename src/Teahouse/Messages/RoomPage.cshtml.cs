using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Teahouse.Accounts;
using Teahouse.Rooms;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>The room: <c>/room/&lt;room&gt;/</c>, and <c>/chat/&lt;room&gt;/</c> for guests, where a name nobody has used yet is an empty room. Works without scripts:
/// history is in the page and the form posts.</summary>
public sealed class RoomPage(
    RoomDoor door,
    ReadRoomPage read,
    PostMessage post,
    MarkRead markRead,
    RateLimits limits,
    Nicknames nicknames,
    GuestPass guests,
    IStringLocalizer<RefusalText> refusals) : PageModel
{
    /// <summary>Set by every handler that renders the page.</summary>
    public RoomView View { get; private set; } = null!;

    private bool IsLobbyAddress => Request.Path.StartsWithSegments("/chat");

    public async Task<IActionResult> OnGetAsync(string room, string? username, long? before, long? after, long? at, CancellationToken ct)
    {
        if (IsLobbyAddress && username is not null && !HttpContext.GetCaller().IsUser && !await TakeNicknameAsync(username, ct))
        {
            // The lobby asks for another one and says why.
            return new SeeOtherResult($"/chat/?room={Uri.EscapeDataString(room)}&username={Uri.EscapeDataString(username)}");
        }
        var (pass, refused) = await EnterAsync(room, ct);
        if (pass is null)
        {
            return refused;
        }
        View = await read.ExecuteAsync(pass, new RoomPosition(before, after, at), ct);
        return Page();
    }

    /// <param name="room">The room's name.</param>
    /// <param name="content">What is said.</param>
    /// <param name="nonce">The form's own id for it.</param>
    /// <param name="act"><c>read</c>: nothing is said.</param>
    /// <param name="seen">The last message the form stood under: with scripts, reading moves the mark by itself.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<IActionResult> OnPostAsync(string room, string? content, string? nonce, string? act, long? seen, CancellationToken ct)
    {
        var (pass, refused) = await EnterAsync(room, ct);
        if (pass is null)
        {
            return refused;
        }
        if (seen is { } seq)
        {
            await markRead.ExecuteAsync(pass, seq, ct);
        }
        if (act == "read")
        {
            return WantsJson ? new NoContentResult() : new SeeOtherResult(Request.Path);
        }
        try
        {
            var address = HttpContext.Connection.RemoteIpAddress ?? IPAddress.None;
            limits.TakeMessage(pass.Caller, address, string.Create(CultureInfo.InvariantCulture, $"a:{address}"));
            var posted = await post.ExecuteAsync(pass, new PostMessageInput(content ?? "", string.IsNullOrEmpty(nonce) ? null : nonce));
            return WantsJson
                ? new JsonResult(new { posted.Message.Id, posted.Message.Seq, posted.Message.Rev })
                : new SeeOtherResult(Request.Path);
        }
        catch (RefusedException e) when (!WantsJson)
        {
            // Nothing written is lost: the text stays in the field, with the reason beside it.
            View = await read.ExecuteAsync(pass, new RoomPosition(null, null, null), ct) with
            {
                Draft = content,
                Error = refusals[e.Refusal.Name, [.. e.Arguments]],
            };
            Response.StatusCode = e.Refusal.Status;
            return Page();
        }
    }

    /// <summary>A visitor's nickname from the address, as the lobby makes it. False when it cannot be theirs.</summary>
    private async Task<bool> TakeNicknameAsync(string nickname, CancellationToken ct)
    {
        try
        {
            var name = await nicknames.CheckAsync(nickname, ct);
            if (HttpContext.GetCaller().Username != name)
            {
                guests.Issue(HttpContext, name);
            }
            return true;
        }
        catch (RefusedException)
        {
            return false;
        }
    }

    private bool WantsJson => Request.GetTypedHeaders().Accept.Any(type => type.MediaType == "application/json");

    /// <summary>The door's answer; for a script, whom a page to log in at says nothing, the plain refusal.</summary>
    private async Task<(RoomPass? Pass, IActionResult Refused)> EnterAsync(string room, CancellationToken ct)
    {
        var (pass, answer) = IsLobbyAddress ? await door.EnterAsync(HttpContext, room, ct) : await door.FindAsync(HttpContext, room, ct);
        return pass is null && WantsJson ? throw new RefusedException(Refusal.NoSuchRoom) : (pass, answer);
    }
}
