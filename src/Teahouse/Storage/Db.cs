namespace Teahouse.Storage;

/// <summary>The database, whichever it is. Thread-safe.</summary>
public abstract class Db : IAsyncDisposable
{
    /// <summary>Runs <paramref name="read"/> on one consistent snapshot. Keep it short: an open reader holds up the checkpoint.</summary>
    public abstract Task<T> ReadAsync<T>(Func<DbSession, Task<T>> read, CancellationToken ct);

    /// <summary>The rows of one statement, which is a snapshot by itself: it needs no transaction around it, whose end would be a round trip of its own.</summary>
    public Task<List<T>> QueryAsync<T>(string sql, object? arguments, CancellationToken ct) => ReadOneAsync(session => session.QueryAsync<T>(sql, arguments), ct);

    /// <summary>As <see cref="QueryAsync{T}(string, object?, CancellationToken)"/>: the only row, or the type's default when there is none.</summary>
    public Task<T?> FindAsync<T>(string sql, object? arguments, CancellationToken ct) => ReadOneAsync(session => session.FindAsync<T>(sql, arguments), ct);

    /// <summary>As <see cref="QueryAsync{T}(string, object?, CancellationToken)"/>: the only row; throws <see cref="InvalidOperationException"/> when there is none.</summary>
    public Task<T> GetAsync<T>(string sql, object? arguments, CancellationToken ct) => ReadOneAsync(session => session.GetAsync<T>(sql, arguments), ct);

    /// <summary>The rows of one hot statement, each read by <paramref name="row"/>.</summary>
    public Task<List<T>> QueryAsync<T>(HotStatement statement, Func<Row, T> row, object?[] values, CancellationToken ct) => ReadOneAsync(session => session.QueryAsync(statement, row, values), ct);

    /// <summary>As <see cref="ReadAsync"/>, for one statement.</summary>
    protected virtual Task<T> ReadOneAsync<T>(Func<DbSession, Task<T>> read, CancellationToken ct) => ReadAsync(read, ct);

    /// <summary>Runs <paramref name="write"/> as one transaction and returns when it is on disk. An exception from it undoes it and is
    /// passed on. Await nothing in it but the session, and change nothing outside except by <see cref="DbSession.AfterCommit"/>: when another write of the same group
    /// fails, the transaction is undone and the work runs once more. Cancellation is honoured only until the work begins.</summary>
    /// <exception cref="RefusedException"><see cref="Refusal.Busy"/>: too much is waiting, the disk is full or failing, or the database is away; nothing was written,
    /// unless a database elsewhere was lost in the very moment of the commit, when nobody knows.</exception>
    public abstract Task<T> WriteAsync<T>(Func<DbSession, Task<T>> write, CancellationToken ct);

    public Task WriteAsync(Func<DbSession, Task> write, CancellationToken ct) =>
        WriteAsync(async session =>
        {
            await write(session);
            return true;
        }, ct);

    /// <summary>As <see cref="WriteAsync{T}(Func{DbSession, Task{T}}, CancellationToken)"/>, for writes of which there are very many. It is queued before this method first waits, and
    /// those of one <see cref="GroupWrite{TItem, TResult}.KeyOf"/> are committed in the order of the calls.</summary>
    public virtual Task<TResult> WriteAsync<TItem, TResult>(GroupWrite<TItem, TResult> write, TItem item) =>
        WriteAsync(session => write.ExecuteAsync(session, item), CancellationToken.None);

    /// <summary>Writes that wait for their commit.</summary>
    public abstract int Waiting { get; }

    /// <summary>Told of each commit how many writes it put on disk and how long that took; null when nobody counts. Must be quick.</summary>
    public Action<int, TimeSpan>? Committed { get; set; }

    /// <summary>The random name of this database's history (SPEC 1). Known once <see cref="OpenAsync"/> has returned.</summary>
    public string Epoch { get; protected set; } = "";

    /// <summary>What makes the first administrator on a database without accounts; the same on every node. Known with the <see cref="Epoch"/>.</summary>
    public string SetupCode { get; protected set; } = "";

    /// <summary>Other processes may change it too.</summary>
    public abstract bool IsShared { get; }

    /// <summary>One line for the log: which database, which library.</summary>
    public abstract string Description { get; }

    /// <summary>How much the database takes on its disk, in bytes.</summary>
    public abstract Task<long> GetSizeAsync(CancellationToken ct);

    /// <summary>Now by the database's own clock, which is one for all processes that share it; Unix milliseconds.</summary>
    public abstract Task<long> GetNowAsync(DbSession session);

    /// <summary>The last id that was given out for a row of this table, and the transactions that may yet commit rows with ids up to it. See <see cref="SettledIds"/>.</summary>
    /// <param name="table">The table.</param>
    /// <param name="settled">Ids up to this are not asked about: when there is no later one nobody is looked for.</param>
    /// <param name="ct">The caller's patience.</param>
    public abstract Task<DrawnIds> FindDrawnIdsAsync(string table, long settled, CancellationToken ct);

    /// <summary>Opens the database and brings it to this version's schema, under a lock.</summary>
    public abstract Task OpenAsync(CancellationToken ct);

    /// <summary>True while there is no site in the database, nor anything of one. Nothing is written.</summary>
    public abstract Task<bool> IsNewAsync(CancellationToken ct);

    /// <summary>Gives the history another name, after the database was brought back as it was at an earlier moment. Other processes learn of it when they start.</summary>
    public abstract Task<string> BeginHistoryAsync(CancellationToken ct);

    /// <summary>Does what the database can do for itself when nobody waits: refreshes what its planner knows, shortens its logs.</summary>
    public abstract Task TidyAsync(CancellationToken ct);

    /// <summary>Opens the database for reading alone, which is allowed beside a running server too. Nothing is migrated and nothing written.</summary>
    /// <exception cref="SchemaException">It is not of this version.</exception>
    public abstract Task OpenForReadingAsync(CancellationToken ct);

    public abstract ValueTask DisposeAsync();
}
