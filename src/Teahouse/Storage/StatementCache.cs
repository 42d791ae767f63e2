using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Data.Sqlite;

namespace Teahouse.Storage;

/// <summary>A connection whose commands keep their prepared statements from one use to the next: parsing a statement costs more than running it.
/// Not thread-safe, like the connection in it.</summary>
/// <param name="connection">Closed with it.</param>
/// <param name="keeps">False where the client library's commands are to be used once only.</param>
internal sealed class StatementCache(DbConnection connection, bool keeps = true) : IDbConnection
{
    /// <summary>The program's statements are constants; only lists expanded into parameters make more of them.</summary>
    private const int MaxStatements = 256;

    private readonly Dictionary<string, DbCommand> _idle = [];

    // Apart: these keep their parameters.
    private readonly Dictionary<HotStatement, DbCommand> _hot = [];
    private readonly Dictionary<HotStatement, SqliteStatement> _native = [];
    private readonly Dictionary<HotInsert, SqliteInsert> _inserts = [];

    public DbConnection Connection => connection;

    [AllowNull]
    public string ConnectionString
    {
        get => connection.ConnectionString;
        set => connection.ConnectionString = value;
    }

    public int ConnectionTimeout => connection.ConnectionTimeout;

    public string Database => connection.Database;

    public ConnectionState State => connection.State;

    public IDbTransaction BeginTransaction() => connection.BeginTransaction();

    public IDbTransaction BeginTransaction(IsolationLevel il) => connection.BeginTransaction(il);

    public void ChangeDatabase(string databaseName) => connection.ChangeDatabase(databaseName);

    public void Open() => connection.Open();

    public void Close() => connection.Close();

    public IDbCommand CreateCommand() => new CachedCommand(this);

    /// <summary>The hot statement prepared past the client library; null where the database is another than SQLite.</summary>
    public SqliteStatement? FindNative(HotStatement statement)
    {
        if (_native.TryGetValue(statement, out var native))
        {
            return native;
        }
        if (connection is not SqliteConnection sqlite)
        {
            return null;
        }
        native = new SqliteStatement(sqlite.Handle ?? throw new InvalidOperationException("The connection is closed."), statement);
        _native.Add(statement, native);
        return native;
    }

    /// <summary>The insert of many rows, which only SQLite's writer asks for.</summary>
    public SqliteInsert FindInsert(HotInsert insert)
    {
        if (!_inserts.TryGetValue(insert, out var native))
        {
            native = new SqliteInsert(((SqliteConnection)connection).Handle ?? throw new InvalidOperationException("The connection is closed."), insert);
            _inserts.Add(insert, native);
        }
        return native;
    }

    /// <summary>The command of a hot statement; its own until the next run of the same one.</summary>
    public DbCommand Prepare(HotStatement statement, DbTransaction? transaction)
    {
        if (!_hot.TryGetValue(statement, out var command))
        {
            command = connection.CreateCommand();
#pragma warning disable CA2100 // A constant (see HotStatement).
            command.CommandText = statement.Sql;
#pragma warning restore CA2100
            if (keeps)
            {
                _hot.Add(statement, command);
            }
        }
        command.Transaction = transaction;
        return command;
    }

    public void Dispose()
    {
        foreach (var command in _idle.Values.Concat<IDisposable>(_hot.Values).Concat(_native.Values).Concat(_inserts.Values))
        {
            command.Dispose();
        }
        _idle.Clear();
        _hot.Clear();
        _native.Clear();
        _inserts.Clear();
        connection.Dispose();
    }

    internal DbCommand Take(string sql)
    {
        if (_idle.Remove(sql, out var command))
        {
            return command;
        }
        command = connection.CreateCommand();
#pragma warning disable CA2100 // The text is the caller's, as it would be without this cache.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    internal void Return(DbCommand command)
    {
        if (!keeps)
        {
            command.Dispose();
            return;
        }
        command.Parameters.Clear();
        command.Transaction = null;
        // One that is there already was taken twice at once.
        if (_idle.Count >= MaxStatements || !_idle.TryAdd(command.CommandText, command))
        {
            command.Dispose();
        }
    }
}

/// <summary>Stands for a command of the cache from the moment it has a text until it is disposed of.</summary>
internal sealed class CachedCommand(StatementCache cache) : DbCommand
{
    private DbCommand? _inner;
    private DbTransaction? _transaction;

    private DbCommand Inner => _inner ?? throw new InvalidOperationException("The command has no text.");

    [AllowNull]
    public override string CommandText
    {
        get => _inner?.CommandText ?? "";
        set
        {
            if (_inner is not null)
            {
                cache.Return(_inner);
            }
            _inner = cache.Take(value ?? "");
            _inner.Transaction = _transaction;
        }
    }

    public override int CommandTimeout
    {
        get => Inner.CommandTimeout;
        set => Inner.CommandTimeout = value;
    }

    public override CommandType CommandType
    {
        get => Inner.CommandType;
        set => Inner.CommandType = value;
    }

    public override bool DesignTimeVisible { get; set; }

    public override UpdateRowSource UpdatedRowSource
    {
        get => Inner.UpdatedRowSource;
        set => Inner.UpdatedRowSource = value;
    }

    protected override DbConnection? DbConnection
    {
        get => cache.Connection;
        set => throw new NotSupportedException();
    }

    protected override DbParameterCollection DbParameterCollection => Inner.Parameters;

    protected override DbTransaction? DbTransaction
    {
        get => _transaction;
        set
        {
            _transaction = value;
            if (_inner is not null)
            {
                _inner.Transaction = value;
            }
        }
    }

    public override void Cancel() => Inner.Cancel();

    public override void Prepare() => Inner.Prepare();

    public override int ExecuteNonQuery() => Inner.ExecuteNonQuery();

    public override object? ExecuteScalar() => Inner.ExecuteScalar();

    public override Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken) => Inner.ExecuteNonQueryAsync(cancellationToken);

    public override Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken) => Inner.ExecuteScalarAsync(cancellationToken);

    protected override DbParameter CreateDbParameter() => Inner.CreateParameter();

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => Inner.ExecuteReader(behavior);

    protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken) =>
        await Inner.ExecuteReaderAsync(behavior, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing && _inner is { } inner)
        {
            _inner = null;
            cache.Return(inner);
        }
        base.Dispose(disposing);
    }
}
