using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Microsoft.Extensions.Localization;
using Teahouse.Storage;
using Teahouse.Web;

namespace Teahouse.Rooms;

/// <summary><c>/room/&lt;room&gt;/settings/</c>: for owners and moderators. One page, several forms; the field <c>act</c> says which was sent.</summary>
public sealed class RoomSettingsPage(RoomDoor door, RoomOperations operations, Db db, RoomQueries queries, GuestBans guestBans, Settings settings, IStringLocalizer<RefusalText> refusals) : PageModel
{
    private const int PageSize = 100;

    private const int MaxBanned = 500;

    /// <summary>Set by every handler that renders the page.</summary>
    public RoomPass Pass { get; private set; } = null!;

    public Room Room => Pass.Room ?? throw new InvalidOperationException("A room with settings exists.");

    /// <summary>Where the API gives the room's history; the format is yet to be added.</summary>
    public string ExportAddress => $"/api/v1/rooms/{Uri.EscapeDataString(Room.Name)}/export";

    public IReadOnlyList<RoomMember> Members { get; private set; } = [];

    public long MemberCount { get; private set; }

    /// <summary>Accounts that may not come in, the latest first.</summary>
    public IReadOnlyList<NamedUser> Banned { get; private set; } = [];

    /// <summary>Guests who may not, the latest first.</summary>
    public IReadOnlyList<GuestBan> BannedGuests { get; private set; } = [];

    /// <summary>The choice shown as made: what was sent, when it was not taken.</summary>
    public Access Chosen { get; private set; }

    /// <summary>The days for which the room keeps its messages; null: as the site.</summary>
    public long? RetentionDays { get; private set; }

    /// <summary>The days for which the site does; 0: for ever.</summary>
    public int SiteDays => settings.RetentionDays;

    /// <summary>Days to choose from: those that are fewer than the site's, and what is chosen now.</summary>
    public IEnumerable<long> DayChoices => ChangeRetention.Choices.Select(days => (long)days).Where(days => SiteDays == 0 || days < SiteDays)
        .Concat(RetentionDays is { } own ? [own] : Array.Empty<long>()).Distinct().Order();

    /// <summary>The name key after which the next page of members begins; null on the last one.</summary>
    public string? NextAfter { get; private set; }

    public bool IsFirstPage { get; private set; }

    /// <summary>What was just done, as the form's <c>act</c>; null when nothing was.</summary>
    [TempData]
    public string? Done { get; set; }

    /// <summary>To whom.</summary>
    [TempData]
    public string? Whom { get; set; }

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
            ModelState.Add(e, refusals, FieldOf(form.Act));
            Response.StatusCode = e.Refusal.Status;
            return await ShowAsync(pass, null, ct, form.Access);
        }
        var address = $"/room/{Uri.EscapeDataString(pass.Name)}/";
        if (form.Act is "delete" or "leave")
        {
            return new SeeOtherResult("/");
        }
        if (form.Act == "role" && form.UserId == pass.Caller.UserId && form.Role == Role.Member.ToText())
        {
            // Who laid down their own role has no settings page any more.
            return new SeeOtherResult(address);
        }
        (Done, Whom) = (form.Act, form.Username ?? form.BanUsername);
        return new SeeOtherResult($"{address}settings/");
    }

    private Task ActAsync(RoomPass pass, RoomSettingsForm form, CancellationToken ct) => form.Act switch
    {
        "update" => operations.Update.ExecuteAsync(pass, new UpdateRoomInput(form.Title, form.Topic, form.Access), ct),
        "add" => operations.Add.ExecuteAsync(pass, form.Username, ct),
        "remove" => operations.Remove.ExecuteAsync(pass, form.UserId, ct),
        "role" => operations.Role.ExecuteAsync(pass, form.UserId, form.Role, ct),
        "ban" => operations.Ban.ExecuteAsync(pass, form.BanUsername, ct),
        "unban" => operations.Unban.ExecuteAsync(pass, form.Username, ct),
        "unban_guest" => operations.BanGuest.LiftAsync(pass, form.BanId, ct),
        "archive" => operations.Archive.ExecuteAsync(pass, archived: true, ct),
        "unarchive" => operations.Archive.ExecuteAsync(pass, archived: false, ct),
        "retention" => operations.Retention.ExecuteAsync(pass, form.Days == 0 ? null : form.Days, ct),
        "leave" => operations.Leave.ExecuteAsync(pass, ct),
        "delete" => operations.Delete.ExecuteAsync(pass, form.TypedName, ct),
        _ => throw new RefusedException(Refusal.BadFrame),
    };

    /// <summary>Where the errors of a form go; null for beside the field each is about.</summary>
    private static string? FieldOf(string? act) => act switch
    {
        "update" or "add" or "delete" => null,
        "ban" => "ban_username",
        // Buttons: there is no field to stand beside.
        _ => "",
    };

    private async Task<IActionResult> ShowAsync(RoomPass pass, string? after, CancellationToken ct, string? sentAccess = null)
    {
        Pass = pass;
        Chosen = Enum.TryParse<Access>(sentAccess, ignoreCase: true, out var chosen) ? chosen : Room.Access;
        IsFirstPage = string.IsNullOrEmpty(after);
        (MemberCount, Members, Banned, BannedGuests, RetentionDays) = await db.ReadAsync(async session => (
            await queries.CountMembersAsync(session, Room.Id),
            await queries.ListMembersAsync(session, Room.Id, after ?? "", PageSize + 1),
            await queries.ListBannedAsync(session, Room.Id, MaxBanned),
            await guestBans.ListAsync(session, Room.Id, MaxBanned),
            (await queries.FindRetentionAsync(session, Room.Id))?.RetentionDays), ct);
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

    [ModelBinder(Name = "ban_username")]
    public string? BanUsername { get; init; }

    [ModelBinder(Name = "user_id")]
    public long UserId { get; init; }

    [ModelBinder(Name = "ban_id")]
    public long BanId { get; init; }

    public string? Role { get; init; }

    /// <summary>For how long messages are kept; 0: as long as the site does.</summary>
    public int Days { get; init; }

    [ModelBinder(Name = "typed_name")]
    public string? TypedName { get; init; }
}

/// <summary>What one may do to a room, for the doors that offer all of it.</summary>
public sealed record RoomOperations(UpdateRoom Update, AddMember Add, RemoveMember Remove, ChangeRole Role, BanMember Ban, UnbanMember Unban, BanGuest BanGuest, ArchiveRoom Archive, ChangeRetention Retention, LeaveRoom Leave, DeleteRoom Delete);
