using System.Data.Common;
using SQLitePCL;

namespace Teahouse.Storage;

/// <summary>The row that a hot statement's reader is handed: its columns by position. Valid only until that reader returns. On SQLite values are read from the statement itself: the client
/// library asks for each value's kind first and guards both calls.</summary>
public readonly struct Row
{
    private readonly DbDataReader? _reader;
    private readonly sqlite3_stmt? _statement;

    internal Row(DbDataReader reader) => _reader = reader;

    internal Row(sqlite3_stmt statement) => _statement = statement;

    private DbDataReader Reader => _reader ?? throw new InvalidOperationException("There is no row.");

    /// <summary>SQLite's statement, which whoever made this row holds; 0 on PostgreSQL.</summary>
    private nint Statement => _statement?.DangerousGetHandle() ?? 0;

    /// <summary>A number that cannot be null.</summary>
    public long Int64At(int column) => Statement is var statement and not 0 ? SqliteColumns.Int64(statement, column) : Reader.GetInt64(column);

    /// <summary>A truth that cannot be null.</summary>
    public bool BooleanAt(int column) => Statement is var statement and not 0 ? SqliteColumns.Int64(statement, column) != 0 : Reader.GetBoolean(column);

    /// <summary>A text that cannot be null.</summary>
    public string StringAt(int column) => TextAt(column) ?? throw new InvalidCastException($"Column {column} is null.");

    public long? NumberAt(int column) => IsNullAt(column) ? null : Int64At(column);

    public string? TextAt(int column) =>
        Statement is var statement and not 0 ? SqliteColumns.Text(statement, column)
        : Reader.IsDBNull(column) ? null
        : Reader.GetString(column);

    /// <summary>A time kept as Unix milliseconds.</summary>
    public DateTimeOffset? TimeAt(int column) => NumberAt(column) is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;

    private bool IsNullAt(int column) => Statement is var statement and not 0 ? SqliteColumns.IsNull(statement, column) : Reader.IsDBNull(column);
}
