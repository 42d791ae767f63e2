namespace Teahouse.Accounts;

/// <summary>Ends anybody's API token, for administrators. Thread-safe.</summary>
internal sealed class RevokeToken(TokenListQueries queries, TokenStore store)
{
    /// <summary>Sockets and streams opened with it end at once. Returns false when there is none of that id.</summary>
    /// <exception cref="RefusedException">Those of <see cref="UserAccess.Require"/>.</exception>
    public async Task<bool> ExecuteAsync(Caller caller, long id, CancellationToken ct)
    {
        UserAccess.Require(caller);
        return await queries.ListAsync([id], ct) is [var token] && await store.RevokeAsync(token.UserId, id, caller, ct, $"of {token.Owner}");
    }
}
