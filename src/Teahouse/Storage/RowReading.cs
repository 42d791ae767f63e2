using System.Data.Common;

namespace Teahouse.Storage;

/// <summary>Values of a row by position, for hot statements.</summary>
public static class RowReading
{
    extension(DbDataReader row)
    {
        public string? TextAt(int column) => row.IsDBNull(column) ? null : row.GetString(column);

        /// <summary>A time kept as Unix milliseconds.</summary>
        public DateTimeOffset? TimeAt(int column) => row.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));
    }
}
