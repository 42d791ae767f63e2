using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Teahouse.Accounts;
using Teahouse.Web;

namespace Teahouse.Admin;

/// <summary><c>/admin/invites/</c>: links by which one person each may make an account.</summary>
public sealed class InvitesPage(IServiceProvider services, Settings settings, TimeProvider time) : AdminListPage<InviteListRow>
{
    public override string Path => "/admin/invites/";

    protected override string Prefix => "Invites";

    internal static readonly string[] States = ["open", "used", "expired"];

    /// <summary>The token of an invite made just now: it can't be shown again.</summary>
    [TempData]
    public string? NewInvite { get; set; }

    public bool AcceptsInvites => settings.Signup != SignupMode.Closed;

    public DateTimeOffset Now => time.GetUtcNow();

    /// <summary>The address to send to whom one invites.</summary>
    public string InviteLink => $"{Request.Scheme}://{Request.Host}/signup/?invite={NewInvite}";

    protected override IReadOnlyList<AdminAct> Acts => [new("revoke", (invite, ct) => services.GetRequiredService<InviteStore>().RevokeAsync(Caller, invite.Id, ct)) { IsDanger = true }];

    private InviteListQueries Queries => services.GetRequiredService<InviteListQueries>();

    /// <summary>What an invite is called: nobody knows its link any more.</summary>
    public string NameOf(InviteListRow invite) => Texts["Invites.One", invite.Id];

    public Task<IActionResult> OnGetAsync(CancellationToken ct) => ShowAsync((cut, cancel) => Queries.ListAsync(Asks("state", States), cut, cancel), invite => invite.Id,
        (["id", "state", "created_by", "created_at", "expires_at", "used_by", "used_at"], CellsOf), ct);

    protected override async Task<IReadOnlyList<AdminThing>> FindAsync(IReadOnlyCollection<long> ids, CancellationToken ct) =>
        [.. (await Queries.ListAsync(ids, ct)).Select(invite => new AdminThing(invite.Id, NameOf(invite)))];

    protected override async Task<IActionResult?> MakeAsync(string act, string back, CancellationToken ct)
    {
        if (act != "make" || !AcceptsInvites)
        {
            return null;
        }
        NewInvite = await services.GetRequiredService<InviteStore>().CreateAsync(Caller, ct);
        return new SeeOtherResult(Path);
    }

    private string[] CellsOf(InviteListRow invite) =>
    [
        invite.Id.ToString(CultureInfo.InvariantCulture), invite.StateAt(Now), invite.CreatedBy ?? "", CsvTime.Of(invite.CreatedAt), CsvTime.Of(invite.ExpiresAt), invite.UsedBy ?? "", CsvTime.Of(invite.UsedAt),
    ];
}
