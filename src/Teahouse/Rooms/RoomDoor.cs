using Microsoft.AspNetCore.Mvc;
using Teahouse.Accounts;

namespace Teahouse.Rooms;

/// <summary>How a page answers a caller who may not be in the room it is about (SPEC 3), in one place. Thread-safe.</summary>
public sealed class RoomDoor(RoomAccess access)
{
    /// <summary>The pass, or else the answer: to login for who is not signed in, whether there is such a room or not.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchRoom"/>, the same page for a room that is not theirs as for none, to who is signed in.</exception>
    public async Task<(RoomPass? Pass, IActionResult Answer)> FindAsync(HttpContext context, string room, CancellationToken ct)
    {
        try
        {
            return (await access.FindAsync(context.GetCaller(), room, ct), new EmptyResult());
        }
        catch (RefusedException e) when (e.Refusal == Refusal.NoSuchRoom || e.Refusal == Refusal.BadRoom)
        {
            return Turn(context);
        }
    }

    /// <summary>As <see cref="FindAsync"/> at the lobby's address, where a name nobody has used yet is an empty room.</summary>
    /// <exception cref="RefusedException">Also <see cref="Refusal.BadRoom"/>: there a name is typed by hand, and told so when it cannot be one.</exception>
    public async Task<(RoomPass? Pass, IActionResult Answer)> EnterAsync(HttpContext context, string room, CancellationToken ct)
    {
        try
        {
            return (await access.EnterAsync(context.GetCaller(), room, ct), new EmptyResult());
        }
        catch (RefusedException e) when (e.Refusal == Refusal.NoSuchRoom)
        {
            return Turn(context);
        }
    }

    /// <summary>As <see cref="FindAsync"/>, for owners and moderators only: for everybody else there is no such page.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.NoSuchRoom"/>.</exception>
    public async Task<(RoomPass? Pass, IActionResult Answer)> ModerateAsync(HttpContext context, string room, CancellationToken ct)
    {
        var (pass, answer) = await FindAsync(context, room, ct);
        return pass is null || pass.CanModerate ? (pass, answer) : Turn(context);
    }

    private static (RoomPass? Pass, IActionResult Answer) Turn(HttpContext context) =>
        context.GetCaller().IsUser ? throw new RefusedException(Refusal.NoSuchRoom) : (null, LoginRedirect.To(context));
}
