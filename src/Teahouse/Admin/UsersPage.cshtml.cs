using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Teahouse.Accounts;

namespace Teahouse.Admin;

/// <summary><c>/admin/users/</c>: all accounts, and what administrators do to them.</summary>
public sealed class UsersPage(IServiceProvider services) : AdminListPage<UserListRow>
{
    public override string Path => "/admin/users/";

    protected override string Prefix => "Users";

    internal static readonly string[] States = ["active", "disabled"];
    internal static readonly string[] Roles = ["admin", "member"];

    protected override IReadOnlyList<AdminAct> Acts =>
    [
        new("signout", (user, ct) => Get<SignOutEverywhere>().ExecuteAsync(Caller, user.Id, ct)),
        new("enable", (user, ct) => Get<EnableUser>().ExecuteAsync(Caller, user.Id, ct)),
        new("promote", (user, ct) => Get<ChangeAdministrator>().ExecuteAsync(Caller, user.Id, isAdmin: true, ct)),
        new("demote", (user, ct) => Get<ChangeAdministrator>().ExecuteAsync(Caller, user.Id, isAdmin: false, ct)),
        new("disable", (user, ct) => Get<DisableUser>().ExecuteAsync(Caller, user.Id, ct)) { IsDanger = true },
        new("delete", DeleteAsync)
        {
            IsDanger = true,
            Choice = ("choice", Texts["Users.delete.Messages"].Value,
            [
                ("keep", Texts["Users.delete.keep"].Value), ("anonymise", Texts["Users.delete.anonymise"].Value), ("remove", Texts["Users.delete.remove"].Value),
            ]),
        },
    ];

    public Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        var filter = new UserFilter(Asks("q"), Asks("state", States), Asks("role", Roles));
        return ShowAsync((cut, cancel) => Get<UserListQueries>().ListAsync(filter, cut, cancel), user => user.Id, (["id", "username", "display_name", "email", "role", "state", "created_at", "last_seen_at"], CellsOf), ct);
    }

    protected override async Task<IReadOnlyList<AdminThing>> FindAsync(IReadOnlyCollection<long> ids, CancellationToken ct) =>
        [.. (await Get<UserListQueries>().ListAsync(ids, ct)).Select(user => new AdminThing(user.Id, user.Username))];

    private T Get<T>() where T : notnull => services.GetRequiredService<T>();

    private async Task<bool> DeleteAsync(AdminThing user, CancellationToken ct)
    {
        await Get<DeleteUser>().ExecuteAsync(Caller, user.Id, DeleteUser.Parse(Choice) ?? throw new RefusedException(Refusal.BadChoice), ct);
        return true;
    }

    private static string[] CellsOf(UserListRow user) =>
    [
        user.Id.ToString(CultureInfo.InvariantCulture), user.Username, user.DisplayName, user.Email ?? "", user.IsAdmin ? "admin" : "member", user.DisabledAt is null ? "active" : "disabled",
        CsvTime.Of(user.CreatedAt), CsvTime.Of(user.LastSeenAt),
    ];
}
