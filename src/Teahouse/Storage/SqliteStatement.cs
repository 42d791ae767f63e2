using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Teahouse.Storage;

/// <summary>A hot statement prepared on one connection of SQLite, bound and read by position. The client library's commands look up each parameter by its name at each run and
/// box what they read, which costs as much as a short statement itself. Not thread-safe.</summary>
internal sealed class SqliteStatement : IDisposable
{
    /// <summary>A hint to the library: the statement is kept for long.</summary>
    internal const uint Persistent = 1;

    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;
    private readonly int[] _places;

    /// <param name="connection">Outlives it.</param>
    /// <param name="statement">Constant text and the order of its parameters.</param>
    public SqliteStatement(sqlite3 connection, HotStatement statement)
    {
        _connection = connection;
        SqliteBinds.Check(connection, raw.sqlite3_prepare_v3(connection, statement.Sql, Persistent, out _statement));
        _places = [.. statement.Parameters.Select(name => raw.sqlite3_bind_parameter_index(_statement, name))];
        if (Array.IndexOf(_places, 0) is >= 0 and var missing)
        {
            throw new ArgumentException($"The statement has no parameter {statement.Parameters[missing]}.", nameof(statement));
        }
    }

    /// <summary>The id of the row inserted last on its connection.</summary>
    public long LastId => raw.sqlite3_last_insert_rowid(_connection);

    /// <summary>Runs it and returns the number of rows changed.</summary>
    /// <exception cref="SqliteException">As the client library's commands.</exception>
    public int Execute(ReadOnlySpan<object?> values)
    {
        Bind(values);
        return Run();
    }

    /// <summary>The same for one whose parameters are all numbers.</summary>
    /// <exception cref="SqliteException">As the client library's commands.</exception>
    public int Execute(ReadOnlySpan<long> values)
    {
        Require(values.Length);
        var handle = _statement.DangerousGetHandle();
        for (var i = 0; i < values.Length; i++)
        {
            SqliteBinds.Check(_connection, SqliteBinds.Int64(handle, _places[i], values[i]));
        }
        return Run();
    }

    /// <summary>Runs it and reads its first row; the type's default when there is none.</summary>
    public T? Find<T>(Func<Row, T> read, ReadOnlySpan<object?> values)
    {
        Bind(values);
        try
        {
            return Step() ? read(new Row(_statement)) : default;
        }
        finally
        {
            _ = raw.sqlite3_reset(_statement);
        }
    }

    /// <summary>Runs it and reads all its rows.</summary>
    public List<T> Query<T>(Func<Row, T> read, ReadOnlySpan<object?> values)
    {
        Bind(values);
        try
        {
            List<T> rows = [];
            while (Step())
            {
                rows.Add(read(new Row(_statement)));
            }
            return rows;
        }
        finally
        {
            _ = raw.sqlite3_reset(_statement);
        }
    }

    public void Dispose() => _statement.Dispose();

    private int Run()
    {
        try
        {
            while (Step())
            {
            }
            return raw.sqlite3_changes(_connection);
        }
        finally
        {
            _ = raw.sqlite3_reset(_statement);
        }
    }

    /// <summary>True when there is a row.</summary>
    private bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code == raw.SQLITE_ROW)
        {
            return true;
        }
        if (code != raw.SQLITE_DONE)
        {
            SqliteBinds.Check(_connection, code);
        }
        return false;
    }

    private void Bind(ReadOnlySpan<object?> values)
    {
        Require(values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            var place = _places[i];
            SqliteBinds.Check(_connection, values[i] switch
            {
                null => raw.sqlite3_bind_null(_statement, place),
                long number => raw.sqlite3_bind_int64(_statement, place, number),
                int number => raw.sqlite3_bind_int64(_statement, place, number),
                bool flag => raw.sqlite3_bind_int64(_statement, place, flag ? 1 : 0),
                DateTimeOffset at => raw.sqlite3_bind_int64(_statement, place, at.ToUnixTimeMilliseconds()),
                string text => SqliteBinds.Text(_statement, place, text),
                var other => throw new ArgumentException($"A hot statement takes no {other.GetType().Name}.", nameof(values)),
            });
        }
    }

    private void Require(int values)
    {
        if (values != _places.Length)
        {
            throw new ArgumentException($"The statement has {_places.Length} parameters, not {values}.", nameof(values));
        }
    }
}
