using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Teahouse.Accounts;

namespace Teahouse.Admin;

/// <summary><c>/admin/tokens/</c>: everybody's API tokens.</summary>
public sealed class TokensPage(IServiceProvider services) : AdminListPage<TokenListRow>
{
    public override string Path => "/admin/tokens/";

    protected override string Prefix => "Tokens";

    internal static readonly string[] Scopes = ["read", "write", "admin"];
    internal static readonly string[] States = ["valid", "expired"];

    protected override IReadOnlyList<AdminAct> Acts => [new("revoke", (token, ct) => services.GetRequiredService<RevokeToken>().ExecuteAsync(Caller, token.Id, ct)) { IsDanger = true }];

    private TokenListQueries Queries => services.GetRequiredService<TokenListQueries>();

    public Task<IActionResult> OnGetAsync(CancellationToken ct)
    {
        var filter = new TokenFilter(Asks("q"), Asks("scope", Scopes), Asks("state", States));
        return ShowAsync((cut, cancel) => Queries.ListAsync(filter, cut, cancel), token => token.Id, (["id", "owner", "name", "scope", "bot_name", "created_at", "last_used_at", "expires_at"], CellsOf), ct);
    }

    protected override async Task<IReadOnlyList<AdminThing>> FindAsync(IReadOnlyCollection<long> ids, CancellationToken ct) =>
        [.. (await Queries.ListAsync(ids, ct)).Select(token => new AdminThing(token.Id, $"{token.Name} · {token.Owner}"))];

    private static string[] CellsOf(TokenListRow token) =>
    [
        token.Id.ToString(CultureInfo.InvariantCulture), token.Owner, token.Name, token.Scope.ToText(), token.BotName ?? "", CsvTime.Of(token.CreatedAt), CsvTime.Of(token.LastUsedAt), CsvTime.Of(token.ExpiresAt),
    ];
}
