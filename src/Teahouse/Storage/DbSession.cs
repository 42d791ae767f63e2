using System.Data;
using System.Data.Common;
using Dapper;

namespace Teahouse.Storage;

/// <summary>One connection inside one transaction, valid only within the delegate it was handed to. Not thread-safe.
/// SQL is the portable subset (docs/architecture.md): the same text runs on SQLite and PostgreSQL.</summary>
public sealed class DbSession(IDbConnection connection, DbTransaction? transaction, CancellationToken ct)
{
    private List<Action>? _committed;

    public async Task<List<T>> QueryAsync<T>(string sql, object? arguments = null) =>
        (await connection.QueryAsync<T>(Command(sql, arguments))).AsList();

    /// <summary>The only row, or the type's default when there is none.</summary>
    public Task<T?> FindAsync<T>(string sql, object? arguments = null) =>
        connection.QueryFirstOrDefaultAsync<T>(Command(sql, arguments));

    /// <summary>The only row; throws <see cref="InvalidOperationException"/> when there is none.</summary>
    public Task<T> GetAsync<T>(string sql, object? arguments = null) =>
        connection.QueryFirstAsync<T>(Command(sql, arguments));

    /// <summary>Returns the number of rows changed.</summary>
    public Task<int> ExecuteAsync(string sql, object? arguments = null) =>
        connection.ExecuteAsync(Command(sql, arguments));

    /// <summary>Runs <paramref name="action"/> when, and only when, this transaction is on disk: in commit order, before the
    /// writer's caller goes on. It must be quick and must not throw.</summary>
    public void AfterCommit(Action action) => (_committed ??= []).Add(action);

    internal void RunAfterCommit()
    {
        foreach (var action in _committed ?? [])
        {
            action();
        }
    }

    private CommandDefinition Command(string sql, object? arguments) => new(sql, arguments, transaction, cancellationToken: ct);
}
