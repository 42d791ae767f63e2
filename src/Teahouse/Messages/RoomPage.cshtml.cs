using Microsoft.AspNetCore.Mvc;
using Teahouse.Accounts;
using Teahouse.Rooms;
using Teahouse.Web;

namespace Teahouse.Messages;

/// <summary>The room: <c>/room/&lt;room&gt;/</c>, and <c>/chat/&lt;room&gt;/</c> for guests, where a name nobody has used yet is an empty room.</summary>
public sealed class RoomPage(Conversation conversation, RoomDoor door, Nicknames nicknames, GuestPass guests) : ConversationPage(conversation)
{
    private bool IsLobbyAddress => Request.Path.StartsWithSegments("/chat");

    public async Task<IActionResult> OnGetAsync(string room, string? username, long? before, long? after, long? at, CancellationToken ct)
    {
        if (IsLobbyAddress && username is not null && !HttpContext.GetCaller().IsUser && !await TakeNicknameAsync(username, ct))
        {
            // The lobby asks for another one and says why.
            return new SeeOtherResult($"/chat/?room={Uri.EscapeDataString(room)}&username={Uri.EscapeDataString(username)}");
        }
        var (pass, refused) = await EnterAsync(room, ct);
        return pass is null ? refused
            : pass.Room is { Path: not null } elsewhere ? LocalRedirect(elsewhere.Address)
            : await ShowAsync(pass, new RoomPosition(before, after, at), ct);
    }

    public async Task<IActionResult> OnPostAsync(string room, ConversationForm form, CancellationToken ct)
    {
        var (pass, refused) = await EnterAsync(room, ct);
        return pass is null ? refused : await TakeAsync(pass, form, Request.Path, ct);
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

    /// <summary>The door's answer; for a script, whom a page to log in at says nothing, the plain refusal.</summary>
    private async Task<(RoomPass? Pass, IActionResult Refused)> EnterAsync(string room, CancellationToken ct)
    {
        var (pass, answer) = IsLobbyAddress ? await door.EnterAsync(HttpContext, room, ct) : await door.FindAsync(HttpContext, room, ct);
        return pass is null && WantsJson ? throw new RefusedException(Refusal.NoSuchRoom) : (pass, answer);
    }
}
