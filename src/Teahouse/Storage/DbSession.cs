using System.Data.Common;
using Dapper;

namespace Teahouse.Storage;

/// <summary>One connection inside one transaction, valid only within the delegate it was handed to. Not thread-safe.
/// SQL is the portable subset (docs/architecture.md): the same text runs on SQLite and PostgreSQL.</summary>
public sealed class DbSession
{
    private readonly StatementCache _connection;
    private readonly DbTransaction? _transaction;
    private readonly CancellationToken _ct;
    private List<Action>? _committed;

    internal DbSession(StatementCache connection, DbTransaction? transaction, CancellationToken ct)
    {
        _connection = connection;
        _transaction = transaction;
        _ct = ct;
    }

    /// <summary>Which connection it is, for tests of how they are kept.</summary>
    internal object Connection => _connection;

    public async Task<List<T>> QueryAsync<T>(string sql, object? arguments = null) =>
        (await _connection.QueryAsync<T>(Command(sql, arguments))).AsList();

    /// <summary>The only row, or the type's default when there is none.</summary>
    public Task<T?> FindAsync<T>(string sql, object? arguments = null) =>
        _connection.QueryFirstOrDefaultAsync<T>(Command(sql, arguments));

    /// <summary>The only row; throws <see cref="InvalidOperationException"/> when there is none.</summary>
    public Task<T> GetAsync<T>(string sql, object? arguments = null) =>
        _connection.QueryFirstAsync<T>(Command(sql, arguments));

    /// <summary>Returns the number of rows changed.</summary>
    public Task<int> ExecuteAsync(string sql, object? arguments = null) =>
        _connection.ExecuteAsync(Command(sql, arguments));

    /// <summary>The only row of a hot statement, read by <paramref name="read"/>; null when there is none.</summary>
    public async Task<T?> FindAsync<T>(HotStatement statement, Func<Row, T> read, object?[] values) where T : class
    {
        if (_connection.FindNative(statement) is { } native)
        {
            return native.Find(read, values);
        }
        var command = Prepare(statement, values);
        await using var reader = await command.ExecuteReaderAsync(_ct);
        return await reader.ReadAsync(_ct) ? read(new Row(reader)) : null;
    }

    /// <summary>The rows of a hot statement, each read by <paramref name="read"/>.</summary>
    public async Task<List<T>> QueryAsync<T>(HotStatement statement, Func<Row, T> read, object?[] values)
    {
        if (_connection.FindNative(statement) is { } native)
        {
            return native.Query(read, values);
        }
        var command = Prepare(statement, values);
        await using var reader = await command.ExecuteReaderAsync(_ct);
        List<T> rows = [];
        while (await reader.ReadAsync(_ct))
        {
            rows.Add(read(new Row(reader)));
        }
        return rows;
    }

    /// <summary>Runs a hot statement and returns the number of rows changed.</summary>
    public Task<int> ExecuteAsync(HotStatement statement, object?[] values) =>
        _connection.FindNative(statement) is { } native ? Task.FromResult(native.Execute(values)) : Prepare(statement, values).ExecuteNonQueryAsync(_ct);

    /// <summary>Runs a hot statement that inserts one row, and returns the row's <c>id</c>; null when it inserted nothing.</summary>
    public async Task<long?> InsertAsync(HotStatement statement, object?[] values)
    {
        if (_connection.FindNative(statement) is { } native)
        {
            // RETURNING keeps its rows in a table of its own, made anew each time: a third of what the insert costs.
            return native.Execute(values) == 0 ? null : native.LastId;
        }
        return (long?)await Prepare(statement.WithId, values).ExecuteScalarAsync(_ct);
    }

    /// <summary>An insert of many rows, on SQLite.</summary>
    internal SqliteInsert Many(HotInsert insert) => _connection.FindInsert(insert);

    /// <summary>Runs a hot statement whose parameters are all numbers, on SQLite, and returns the number of rows changed.</summary>
    internal int Execute(HotStatement statement, params ReadOnlySpan<long> values) =>
        (_connection.FindNative(statement) ?? throw new InvalidOperationException("The database is not SQLite.")).Execute(values);

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

    private DbCommand Prepare(HotStatement statement, object?[] values)
    {
        var command = _connection.Prepare(statement, _transaction);
        statement.Bind(command, values);
        return command;
    }

    private CommandDefinition Command(string sql, object? arguments) => new(sql, arguments, _transaction, cancellationToken: _ct);
}
