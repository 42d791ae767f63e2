using Teahouse.Storage;

namespace Teahouse.Sinks.GoogleSheets;

/// <summary>All SQL that touches <c>google_calls</c>: the calls of the last minute, of all processes. Thread-safe.</summary>
internal sealed class CallStore(Db db)
{
    /// <summary>A second more than Google's minute: a call may reach it sooner after its slot was taken than the one before did.</summary>
    private const long WindowMilliseconds = 61_000;

    private const string Take = """
        UPDATE google_calls
        SET free_at = @until
        WHERE account = @account AND free_at <= @dbNow
          AND slot = (SELECT MIN(g.slot) FROM google_calls g WHERE g.account = @account AND g.slot < @perMinute AND g.free_at <= @dbNow)
        """;

    private const string Add = """
        INSERT INTO google_calls (account, slot, free_at)
        SELECT @account, n.slot, @until
        FROM (SELECT COALESCE(MAX(g.slot) + 1, 0) AS slot FROM google_calls g WHERE g.account = @account) n
        WHERE n.slot < @perMinute
        ON CONFLICT (account, slot) DO NOTHING
        """;

    private const string NextFree = "SELECT MIN(free_at) FROM google_calls WHERE account = @account AND slot < @perMinute";

    /// <summary>Whether processes share the database, and so an account's calls.</summary>
    public bool IsShared => db.IsShared;

    /// <summary>Takes the right to one call. Returns null when it may be made now, else how long to wait before asking again.</summary>
    /// <param name="account">The service account's address.</param>
    /// <param name="perMinute">Calls in any minute.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="RefusedException">The database is away.</exception>
    public Task<TimeSpan?> TakeAsync(string account, int perMinute, CancellationToken ct) => db.WriteAsync<TimeSpan?>(async session =>
    {
        var dbNow = await db.GetNowAsync(session);
        var until = dbNow + WindowMilliseconds;
        if (await session.ExecuteAsync(Take, new { account, perMinute, dbNow, until }) > 0 || await session.ExecuteAsync(Add, new { account, perMinute, until }) > 0)
        {
            return null;
        }
        // Another process may have been quicker: then there may be a free one still.
        var wait = (await session.FindAsync<long?>(NextFree, new { account, perMinute }) ?? dbNow) - dbNow;
        return TimeSpan.FromMilliseconds(Math.Max(wait, 10));
    }, ct);
}
