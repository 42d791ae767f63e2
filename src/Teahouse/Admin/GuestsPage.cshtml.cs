using Microsoft.AspNetCore.Mvc;
using Teahouse.Rooms;

namespace Teahouse.Admin;

/// <summary><c>/admin/guests/</c>: guests seen lately, and who of them may not come in.</summary>
public sealed class GuestsPage(IServiceProvider services) : AdminListPage<GuestListRow>
{
    public override string Path => "/admin/guests/";

    protected override string Prefix => "Guests";

    internal static readonly string[] States = ["banned", "free"];

    protected override IReadOnlyList<AdminAct> Acts =>
    [
        new("unban", UnbanAsync),
        new("ban", (guest, ct) => BanAsync(guest, withAddress: Choice == "address", ct))
        {
            IsDanger = true,
            Choice = ("choice", Texts["Guests.ban.By"].Value, [("cookie", Texts["Guests.ban.cookie"].Value), ("address", Texts["Guests.ban.address"].Value)]),
        },
    ];

    private GuestListQueries Queries => services.GetRequiredService<GuestListQueries>();

    public Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        var filter = new GuestFilter(Asks("q"), Asks("state", States));
        return ShowAsync((cut, cancel) => Queries.ListAsync(filter, cut, cancel), guest => guest.LastSeenAt.ToUnixTimeMilliseconds(),
            (["nickname", "address", "created_at", "last_seen_at", "banned_at", "banned_address", "room_bans"], CellsOf), ct);
    }

    protected override string TieOf(GuestListRow row) => row.Id;

    protected override async Task<IReadOnlyList<AdminThing>> FindAsync(IReadOnlyCollection<string> keys, CancellationToken ct)
    {
        List<AdminThing> found = [];
        foreach (var key in keys)
        {
            if (await Queries.FindAsync(key, ct) is { } guest)
            {
                found.Add(new AdminThing(0, $"{guest.Nickname} · {guest.Address}") { Key = guest.Id });
            }
        }
        return found;
    }

    private async Task<bool> BanAsync(AdminThing thing, bool withAddress, CancellationToken ct)
    {
        if (await Queries.FindAsync(thing.Key, ct) is not { } guest)
        {
            return false;
        }
        await services.GetRequiredService<BanGuest>().ExecuteAsync(Caller, guest.Id, guest.Nickname, withAddress, ct);
        return true;
    }

    private async Task<bool> UnbanAsync(AdminThing thing, CancellationToken ct)
    {
        if (await Queries.FindAsync(thing.Key, ct) is not { BanId: { } ban })
        {
            return false;
        }
        await services.GetRequiredService<BanGuest>().LiftAsync(Caller, ban, ct);
        return true;
    }

    private static string[] CellsOf(GuestListRow guest) =>
    [
        guest.Nickname, guest.Address, CsvTime.Of(guest.CreatedAt), CsvTime.Of(guest.LastSeenAt), CsvTime.Of(guest.BannedAt), guest.BannedAddress ?? "",
        guest.RoomBans.ToString(System.Globalization.CultureInfo.InvariantCulture),
    ];
}
