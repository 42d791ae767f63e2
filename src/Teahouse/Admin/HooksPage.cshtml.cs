using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Teahouse.Hooks;
using Teahouse.Rooms;

namespace Teahouse.Admin;

/// <summary><c>/admin/hooks/</c>: the incoming webhooks of all rooms.</summary>
public sealed class HooksPage(IServiceProvider services) : AdminListPage<HookListRow>
{
    public override string Path => "/admin/hooks/";

    protected override string Prefix => "Hooks";

    internal static readonly string[] Used = ["used", "never"];

    protected override IReadOnlyList<AdminAct> Acts => [new("revoke", RevokeAsync) { IsDanger = true }];

    private HookListQueries Queries => services.GetRequiredService<HookListQueries>();

    public Task<IActionResult> OnGetAsync(CancellationToken ct) => ShowAsync((cut, cancel) => Queries.ListAsync(Asks("q"), Asks("used", Used), cut, cancel), hook => hook.Id,
        (["id", "name", "room", "created_by", "created_at", "last_used_at"], CellsOf), ct);

    protected override async Task<IReadOnlyList<AdminThing>> FindAsync(IReadOnlyCollection<long> ids, CancellationToken ct) =>
        [.. (await Queries.ListAsync(ids, ct)).Select(hook => new AdminThing(hook.Id, $"{hook.Name} · {hook.Room}"))];

    private async Task<bool> RevokeAsync(AdminThing thing, CancellationToken ct)
    {
        if (await Queries.ListAsync([thing.Id], ct) is not [var hook])
        {
            return false;
        }
        await services.GetRequiredService<ManageHooks>().RevokeAsync(await services.GetRequiredService<RoomAccess>().AdministerAsync(Caller, hook.RoomId, ct), hook.Id, ct);
        return true;
    }

    private static string[] CellsOf(HookListRow hook) =>
        [hook.Id.ToString(CultureInfo.InvariantCulture), hook.Name, hook.Room, hook.CreatedBy ?? "", CsvTime.Of(hook.CreatedAt), CsvTime.Of(hook.LastUsedAt)];
}
