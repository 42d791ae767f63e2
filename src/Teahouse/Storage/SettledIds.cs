namespace Teahouse.Storage;

/// <summary>The last id given out for a row of a table.</summary>
/// <param name="Last">0 for none yet.</param>
/// <param name="Undecided">Transactions that may yet commit rows with ids up to <paramref name="Last"/>.</param>
public sealed record DrawnIds(long Last, IReadOnlyList<string> Undecided);

/// <summary>Tells up to which id nothing will appear in a table any more. On a shared database a row's id is drawn before it is committed, so a lower one may become visible after a higher one: who
/// reads "everything after my last id" must stop there, or would pass over it for good. Nobody who writes waits for this. One for each reader in a process; not thread-safe.</summary>
public sealed class SettledIds(Db db, string table)
{
    private long _settled;
    private DrawnIds? _watched;

    /// <summary>Every row with an id up to this is committed and visible to reads that begin now, or will never be there. Grows only.</summary>
    public async Task<long> FindAsync(CancellationToken ct)
    {
        var drawn = await db.FindDrawnIdsAsync(table, _settled, ct);
        if (drawn.Undecided.Count == 0)
        {
            _watched = null;
            return _settled = Math.Max(_settled, drawn.Last);
        }
        if (_watched is null)
        {
            _watched = drawn;
            return _settled;
        }
        // Those that come new draw higher numbers than what is watched.
        var left = _watched.Undecided.Intersect(drawn.Undecided).ToList();
        if (left.Count > 0)
        {
            _watched = _watched with { Undecided = left };
            return _settled;
        }
        _settled = Math.Max(_settled, _watched.Last);
        _watched = drawn;
        return _settled;
    }

    /// <summary>True while ids beyond the last answer were drawn whose fate is open: to be asked again soon.</summary>
    public bool IsWaiting => _watched is not null;
}
