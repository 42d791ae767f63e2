namespace Teahouse.Accounts;

/// <summary>Finds the session of a request, cheaply. Thread-safe.</summary>
internal sealed partial class Sessions(AccountQueries queries, TokenQueries tokens, SessionStore store, SessionCache cache, TimeProvider clock, ILogger<Sessions> log)
{
    /// <summary>The session of this key; null when there is none, or it has ended.</summary>
    /// <returns>The session, and whether its end was moved just now, so that a lasting cookie must move too.</returns>
    public async Task<(SignedIn? SignedIn, bool WasExtended)> FindAsync(string key, CancellationToken ct)
    {
        var keyHash = SessionStore.Hash(key);
        if (cache.Find(keyHash) is { } known && known.ExpiresAt > clock.GetUtcNow())
        {
            return (known, false);
        }
        var generation = cache.Generation;
        var found = await queries.FindSignedInAsync(keyHash, ct);
        if (found is null)
        {
            return (null, false);
        }
        var wasExtended = clock.GetUtcNow() - found.LastSeenAt >= SessionLifetime.TouchEvery && await TryExtendAsync(found);
        if (!wasExtended)
        {
            cache.Keep(found, generation);
        }
        return (found, wasExtended);
    }

    /// <summary>False once what the caller came by has ended: a session, a token; asks the database, so that nothing that happened before the call is missed.</summary>
    public async Task<bool> IsLiveAsync(Caller caller, CancellationToken ct) => caller switch
    {
        { Token: { } token } => await tokens.IsLiveAsync(token.Id, ct),
        { SessionId: { } sessionId } => await queries.FindSignedInAsync(sessionId, ct) is not null,
        _ => true,
    };

    // A database too busy to note it down is no reason to sign anybody out.
    private async Task<bool> TryExtendAsync(SignedIn signedIn)
    {
        try
        {
            await store.TouchAsync(signedIn, CancellationToken.None);
            return true;
        }
        catch (RefusedException e)
        {
            LogNotExtended(log, e.Refusal.Code);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, EventName = "session_not_extended", Message = "A session's use could not be noted down: {Code}")]
    private static partial void LogNotExtended(ILogger logger, string code);
}
