using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Rooms;

/// <summary><c>/room/&lt;room&gt;/settings/</c>: for owners and moderators. One page, several forms; the field <c>act</c> says which was sent.</summary>
public sealed class RoomSettingsPage(RoomDoor door, RoomOperations operations, Db db, RoomQueries queries, IStringLocalizer<RefusalText> refusals) : PageModel
{
    private const int PageSize = 100;

    /// <summary>Set by every handler that renders the page.</summary>
    public RoomPass Pass { get; private set; } = null!;

    public Room Room => Pass.Room ?? throw new InvalidOperationException("A room with settings exists.");

    public IReadOnlyList<RoomMember> Members { get; private set; } = [];

    public long MemberCount { get; private set; }

    /// <summary>The name key after which the next page of members begins; null on the last one.</summary>
    public string? NextAfter { get; private set; }

    public bool IsFirstPage { get; private set; }

    [TempData]
    public bool Saved { get; set; }

    public async Task<IActionResult> OnGetAsync(string room, string? after, CancellationToken ct)
    {
        var (pass, answer) = await door.ModerateAsync(HttpContext, room, ct);
        return pass is null ? answer : await ShowAsync(pass, after, ct);
    }

    public async Task<IActionResult> OnPostAsync(string room, RoomSettingsForm form, CancellationToken ct)
    {
        var (pass, answer) = await door.ModerateAsync(HttpContext, room, ct);
        if (pass is null)
        {
            return answer;
        }
        try
        {
            await ActAsync(pass, form, ct);
        }
        catch (RefusedException e) when (e.Refusal.Status is 400 or 403 or 404 or 409)
        {
            ModelState.Add(e, refusals);
            Response.StatusCode = e.Refusal.Status;
            return await ShowAsync(pass, null, ct);
        }
        if (form.Act is "delete" or "leave")
        {
            return new SeeOtherResult("/");
        }
        Saved = true;
        return new SeeOtherResult($"/room/{Uri.EscapeDataString(pass.Name)}/settings/");
    }

    private Task ActAsync(RoomPass pass, RoomSettingsForm form, CancellationToken ct) => form.Act switch
    {
        "update" => operations.Update.ExecuteAsync(pass, new UpdateRoomInput(form.Title, form.Topic, form.Access), ct),
        "add" => operations.Add.ExecuteAsync(pass, form.Username, ct),
        "remove" => operations.Remove.ExecuteAsync(pass, form.UserId, ct),
        "role" => operations.Role.ExecuteAsync(pass, form.UserId, form.Role, ct),
        "archive" => operations.Archive.ExecuteAsync(pass, archived: true, ct),
        "unarchive" => operations.Archive.ExecuteAsync(pass, archived: false, ct),
        "leave" => operations.Leave.ExecuteAsync(pass, ct),
        "delete" => operations.Delete.ExecuteAsync(pass, form.TypedName, ct),
        _ => throw new RefusedException(Refusal.BadFrame),
    };

    private async Task<IActionResult> ShowAsync(RoomPass pass, string? after, CancellationToken ct)
    {
        Pass = pass;
        IsFirstPage = string.IsNullOrEmpty(after);
        (MemberCount, Members) = await db.ReadAsync(async session =>
            (await queries.CountMembersAsync(session, Room.Id), await queries.ListMembersAsync(session, Room.Id, after ?? "", PageSize + 1)), ct);
        if (Members.Count > PageSize)
        {
            Members = [.. Members.Take(PageSize)];
            NextAfter = Accounts.NameSkeleton.Key(Members[^1].Username);
        }
        return Page();
    }
}

/// <summary>The fields of all forms of the settings page.</summary>
public sealed record RoomSettingsForm
{
    public string? Act { get; init; }
    public string? Title { get; init; }
    public string? Topic { get; init; }
    public string? Access { get; init; }
    public string? Username { get; init; }

    [ModelBinder(Name = "user_id")]
    public long UserId { get; init; }

    public string? Role { get; init; }

    [ModelBinder(Name = "typed_name")]
    public string? TypedName { get; init; }
}

/// <summary>What one may do to a room, for the doors that offer all of it.</summary>
public sealed record RoomOperations(UpdateRoom Update, AddMember Add, RemoveMember Remove, ChangeRole Role, ArchiveRoom Archive, LeaveRoom Leave, DeleteRoom Delete);
