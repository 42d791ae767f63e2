using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Teahouse.Rooms;

namespace Teahouse.Admin;

/// <summary><c>/admin/rooms/</c>: all rooms, and what administrators do to them.</summary>
public sealed class RoomsPage(IServiceProvider services) : AdminListPage<RoomAdminRow>
{
    public override string Path => "/admin/rooms/";

    protected override string Prefix => "Rooms";

    internal static readonly string[] Kinds = ["room", "project", "direct"];
    internal static readonly string[] Accesses = ["guests", "members", "private"];
    internal static readonly string[] States = ["open", "archived"];

    protected override IReadOnlyList<AdminAct> Acts =>
    [
        new("archive", (room, ct) => ArchiveAsync(room, archived: true, ct)),
        new("unarchive", (room, ct) => ArchiveAsync(room, archived: false, ct)),
        new("delete", DeleteAsync) { IsDanger = true },
    ];

    public Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        var filter = new RoomFilter(Asks("q"), Asks("kind", Kinds), Asks("access", Accesses), Asks("state", States));
        return ShowAsync((cut, cancel) => Get<RoomAdminQueries>().ListAsync(filter, cut, cancel), room => room.Id,
            (["id", "name", "title", "kind", "access", "owner", "members", "messages", "created_at", "last_message_at", "archived_at"], CellsOf), ct);
    }

    protected override async Task<IReadOnlyList<AdminThing>> FindAsync(IReadOnlyCollection<long> ids, CancellationToken ct) =>
        [.. (await Get<RoomAdminQueries>().ListAsync(ids, ct)).Select(room => new AdminThing(room.Id, room.Name))];

    private T Get<T>() where T : notnull => services.GetRequiredService<T>();

    private async Task<bool> ArchiveAsync(AdminThing room, bool archived, CancellationToken ct)
    {
        var pass = await Get<RoomAccess>().AdministerAsync(Caller, room.Id, ct);
        await Get<ArchiveRoom>().ExecuteAsync(pass, archived, ct);
        return pass.CanPost == archived;
    }

    private async Task<bool> DeleteAsync(AdminThing room, CancellationToken ct)
    {
        // Its name stood in the question.
        await Get<DeleteRoom>().ExecuteAsync(await Get<RoomAccess>().AdministerAsync(Caller, room.Id, ct), room.Name, ct);
        return true;
    }

    private static string[] CellsOf(RoomAdminRow room) =>
    [
        room.Id.ToString(CultureInfo.InvariantCulture), room.Name, room.Title, room.Kind, room.Access.ToText(), room.Owner ?? "", room.Members.ToString(CultureInfo.InvariantCulture),
        room.LastSeq.ToString(CultureInfo.InvariantCulture), CsvTime.Of(room.CreatedAt), CsvTime.Of(room.LastMessageAt), CsvTime.Of(room.ArchivedAt),
    ];
}
