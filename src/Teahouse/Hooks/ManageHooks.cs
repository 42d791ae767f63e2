using Teahouse.Accounts;
using Teahouse.Rooms;
using Teahouse.Storage;

namespace Teahouse.Hooks;

/// <summary>Makes, lists and revokes a room's incoming webhooks: for its owners and moderators. Thread-safe.</summary>
internal sealed class ManageHooks(HookStore store, HookQueries queries, RoomAccess access, Nicknames nicknames, TimeProvider clock)
{
    /// <summary>The room's webhooks, newest first.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>, <see cref="Refusal.ScopeTooSmall"/>.</exception>
    public Task<List<HookRow>> ListAsync(RoomPass pass, CancellationToken ct)
    {
        pass.Caller.Require(TokenScope.Admin);
        return queries.ListAsync(pass.Moderated().Id, ct);
    }

    /// <param name="pass">An owner's or moderator's.</param>
    /// <param name="name">What its messages go by; as a guest's nickname may be.</param>
    /// <param name="ct">Honoured until the work begins.</param>
    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>, <see cref="Refusal.ScopeTooSmall"/>, <see cref="Refusal.BadNickname"/>, <see cref="Refusal.NicknameTaken"/>,
    /// <see cref="Refusal.TooMany"/>.</exception>
    public async Task<NewHook> CreateAsync(RoomPass pass, string? name, CancellationToken ct)
    {
        pass.Caller.Require(TokenScope.Admin);
        string shown;
        try
        {
            shown = await nicknames.CheckAsync(name ?? "", ct);
        }
        catch (RefusedException e)
        {
            throw new RefusedException(e.Refusal, [.. e.Arguments]) { Field = "name" };
        }
        NewHook? made = null;
        await access.ChangeAsync(pass, async (session, now) =>
        {
            var room = now.Moderated();
            made = await store.CreateAsync(session, room.Id, shown, pass.Caller);
            await AuditLog.AddAsync(session, clock.GetUtcNow(), pass.Caller, "hook_made", room.Name, shown);
        }, ct);
        return made ?? throw new InvalidOperationException("The change did not run.");
    }

    /// <exception cref="RefusedException"><see cref="Refusal.Forbidden"/>, <see cref="Refusal.ScopeTooSmall"/>, <see cref="Refusal.NoSuchHook"/>.</exception>
    public Task RevokeAsync(RoomPass pass, long id, CancellationToken ct)
    {
        pass.Caller.Require(TokenScope.Admin);
        return access.ChangeAsync(pass, async (session, now) =>
        {
            var room = now.Moderated();
            var name = await HookStore.DeleteAsync(session, room.Id, id) ?? throw new RefusedException(Refusal.NoSuchHook);
            await AuditLog.AddAsync(session, clock.GetUtcNow(), pass.Caller, "hook_revoked", room.Name, name);
        }, ct);
    }
}
