using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Teahouse.Accounts;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Rooms;

/// <summary><c>/chat/</c>: the lobby, where a room and a nickname are chosen. The form is an ordinary POST that leads to <c>/chat/&lt;room&gt;/?username=…</c>, as in the systems before.</summary>
public sealed class LobbyPage(Settings settings, Nicknames nicknames, Db db, RoomQueries queries, IStringLocalizer<RefusalText> refusals, IStringLocalizer<RoomsText> texts) : PageModel
{
    private const int MaxRooms = 20;

    public bool GuestsAllowed => settings.GuestsAllowed;

    public Caller Caller => HttpContext.GetCaller();

    /// <summary>The room asked for, when the visitor comes from its page.</summary>
    public string? Room { get; private set; }

    /// <summary>To choose from, the liveliest first.</summary>
    public IReadOnlyList<LobbyRoom> Rooms { get; private set; } = [];

    /// <param name="room">The room asked for.</param>
    /// <param name="username">A nickname that the room's page could not take; the lobby says why.</param>
    /// <param name="ct">Cancels the look-up.</param>
    public async Task OnGetAsync(string? room, string? username, CancellationToken ct)
    {
        Room = room;
        await ListAsync(ct);
        if (username is null || Caller.IsUser)
        {
            return;
        }
        try
        {
            await nicknames.CheckAsync(username, ct);
        }
        catch (RefusedException e)
        {
            ModelState.Add(e, refusals);
        }
    }

    /// <param name="name">The room, as typed.</param>
    /// <param name="pick">The room, when it was chosen from the list instead.</param>
    /// <param name="username">The nickname; not asked of who is signed in.</param>
    /// <param name="ct">Cancels the look-up.</param>
    public async Task<IActionResult> OnPostAsync(string? name, string? pick, string? username, CancellationToken ct)
    {
        if (pick is not null)
        {
            (name, Room) = (pick, pick);
            // What stood in the field is not what was asked for.
            ModelState.Remove("name");
        }
        if (!RoomName.TryParse(name?.Trim(), out var room))
        {
            ModelState.AddModelError("name", string.IsNullOrWhiteSpace(name) ? texts["Lobby.Incomplete"] : refusals[nameof(Refusal.BadRoom)]);
        }
        var nickname = "";
        if (!Caller.IsUser && string.IsNullOrWhiteSpace(username))
        {
            ModelState.AddModelError("username", texts["Lobby.Incomplete"]);
        }
        else if (!Caller.IsUser)
        {
            try
            {
                nickname = await nicknames.CheckAsync(username!, ct); // Not null: not blank.
            }
            catch (RefusedException e)
            {
                ModelState.Add(e, refusals);
            }
        }
        if (!ModelState.IsValid || (!Caller.IsUser && !GuestsAllowed))
        {
            await ListAsync(ct);
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return Page();
        }
        var address = $"/chat/{Uri.EscapeDataString(room)}/";
        return new SeeOtherResult(Caller.IsUser ? address : $"{address}?username={Uri.EscapeDataString(nickname)}");
    }

    private async Task ListAsync(CancellationToken ct)
    {
        if (Caller.IsUser || GuestsAllowed)
        {
            Rooms = await db.ReadAsync(session => queries.ListLobbyAsync(session, Caller.UserId ?? 0, MaxRooms), ct);
        }
    }
}
