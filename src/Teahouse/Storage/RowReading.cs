using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Teahouse.Storage;

/// <summary>Values of a row by position, for hot statements. On SQLite they are read from the statement itself: the client library asks for each value's kind first and guards
/// both calls, a quarter of what the list of a thousand rooms cost.</summary>
public static class RowReading
{
    extension(DbDataReader row)
    {
        /// <summary>A number that cannot be null.</summary>
        public long Int64At(int column) => Find(row) is var statement and not 0 ? SqliteColumns.Int64(statement, column) : row.GetInt64(column);

        /// <summary>A truth that cannot be null.</summary>
        public bool BooleanAt(int column) => Find(row) is var statement and not 0 ? SqliteColumns.Int64(statement, column) != 0 : row.GetBoolean(column);

        /// <summary>A text that cannot be null.</summary>
        public string StringAt(int column) => row.TextAt(column) ?? throw new InvalidCastException($"Column {column} is null.");

        public long? NumberAt(int column) => row.IsNullAt(column) ? null : row.Int64At(column);

        public string? TextAt(int column) =>
            Find(row) is var statement and not 0 ? SqliteColumns.Text(statement, column)
            : row.IsDBNull(column) ? null
            : row.GetString(column);

        /// <summary>A time kept as Unix milliseconds.</summary>
        public DateTimeOffset? TimeAt(int column) => row.NumberAt(column) is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;

        private bool IsNullAt(int column) => Find(row) is var statement and not 0 ? SqliteColumns.IsNull(statement, column) : row.IsDBNull(column);
    }

    /// <summary>SQLite's statement that stands at this row; 0 on PostgreSQL. It lives as long as the reader, which the caller holds.</summary>
    private static nint Find(DbDataReader row) => row is SqliteDataReader { Handle: { } statement } ? statement.DangerousGetHandle() : 0;
}
