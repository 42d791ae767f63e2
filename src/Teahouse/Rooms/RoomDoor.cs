using Microsoft.AspNetCore.Mvc;
using Teahouse.Accounts;

namespace Teahouse.Rooms;

/// <summary>How a page answers a caller who may not be in the room it is about (SPEC 3), in one place. Thread-safe.</summary>
public sealed class RoomDoor(RoomAccess access)
{
    /// <summary>The pass, or else the answer: to login for who is not signed in, whether there is such a room or not; for who is, the page that says there is none.</summary>
    public async Task<(RoomPass? Pass, IActionResult Answer)> FindAsync(HttpContext context, string room, CancellationToken ct)
    {
        try
        {
            return (await access.FindAsync(context.GetCaller(), room, ct), new EmptyResult());
        }
        catch (RefusedException e) when (e.Refusal == Refusal.NoSuchRoom || e.Refusal == Refusal.BadRoom)
        {
            return (null, context.GetCaller().IsUser ? throw new RefusedException(Refusal.NoSuchRoom) : LoginRedirect.To(context));
        }
    }

    /// <summary>As <see cref="FindAsync"/>, for owners and moderators only: for everybody else there is no such page.</summary>
    public async Task<(RoomPass? Pass, IActionResult Answer)> ModerateAsync(HttpContext context, string room, CancellationToken ct)
    {
        var (pass, answer) = await FindAsync(context, room, ct);
        return pass is null || pass.CanModerate ? (pass, answer)
            : pass.Caller.IsUser ? throw new RefusedException(Refusal.NoSuchRoom)
            : (null, LoginRedirect.To(context));
    }
}
