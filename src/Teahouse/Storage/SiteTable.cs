using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;
using Npgsql;
using NpgsqlTypes;

namespace Teahouse.Storage;

/// <summary>A table of the site, as the PostgreSQL schema describes it.</summary>
internal sealed record SiteTable(string Name, IReadOnlyList<SiteColumn> Columns)
{
    private const string ListColumns = """
        SELECT table_name, column_name, data_type, is_identity = 'YES' AS is_identity
        FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name NOT LIKE 'qrtz%'
        ORDER BY table_name, ordinal_position
        LIMIT 100000
        """;

    private const string ListReferences = """
        SELECT o.relname AS owner, n.relname AS needed
        FROM pg_constraint c
        JOIN pg_class o ON o.oid = c.conrelid
        JOIN pg_class n ON n.oid = c.confrelid
        WHERE c.contype = 'f' AND c.connamespace = current_schema()::regnamespace
        LIMIT 100000
        """;

    public string Quoted => Quote(Name);

    /// <summary>The column that numbers itself; null when there is none.</summary>
    public string? Identity => Columns.FirstOrDefault(column => column.IsIdentity)?.Name;

    public string Count => "SELECT COUNT(*) " + "FROM " + Quoted;

    public string Select => "SELECT " + Names + " FROM " + Quoted;

    public string Copy => "COPY " + Quoted + " (" + Names + ") FROM STDIN (FORMAT BINARY)";

    private string Names => string.Join(", ", Columns.Select(column => Quote(column.Name)));

    /// <summary>All tables, each after those it refers to.</summary>
    public static async Task<IReadOnlyList<SiteTable>> ListAsync(NpgsqlConnection target)
    {
        var needs = (await target.QueryAsync<Reference>(ListReferences)).ToLookup(reference => reference.Owner, reference => reference.Needed);
        var left = (await target.QueryAsync<ColumnRow>(ListColumns)).GroupBy(row => row.TableName, StringComparer.Ordinal)
            .Select(rows => new SiteTable(rows.Key, [.. rows.Select(row => new SiteColumn(row.ColumnName, row.DataType, row.IsIdentity))])).ToList();
        List<SiteTable> ordered = [];
        while (left.Count > 0)
        {
            var free = left.Where(table => !needs[table.Name].Any(needed => needed != table.Name && left.Exists(other => other.Name == needed))).ToList();
            if (free.Count == 0)
            {
                throw new CopyException("The tables refer to each other in a circle.");
            }
            ordered.AddRange(free);
            left.RemoveAll(free.Contains);
        }
        return ordered;
    }

    private static string Quote(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    private sealed record ColumnRow
    {
        public required string TableName { get; init; }
        public required string ColumnName { get; init; }
        public required string DataType { get; init; }
        public required bool IsIdentity { get; init; }
    }

    private sealed record Reference
    {
        public required string Owner { get; init; }
        public required string Needed { get; init; }
    }
}

/// <summary>A column, and how its values go from SQLite to PostgreSQL.</summary>
internal sealed record SiteColumn(string Name, string Type, bool IsIdentity)
{
    private NpgsqlDbType CopyType => Type switch
    {
        "bigint" => NpgsqlDbType.Bigint,
        "boolean" => NpgsqlDbType.Boolean,
        "text" => NpgsqlDbType.Text,
        _ => throw new CopyException($"Column {Name} is of type {Type}, which is not of the portable ones."),
    };

    /// <summary>The value as PostgreSQL keeps it: a number, a truth value, a text (without U+0000, which it has no place for), or null.</summary>
    public object? FromSqlite(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : Type switch
    {
        "bigint" => row.GetInt64(column),
        "boolean" => row.GetInt64(column) != 0,
        _ => row.GetString(column).Replace('\0', '\uFFFD'),
    };

    public Task WriteAsync(NpgsqlBinaryImporter copy, object? value, CancellationToken ct) => value switch
    {
        null => copy.WriteNullAsync(ct),
        long number => copy.WriteAsync(number, CopyType, ct),
        bool truth => copy.WriteAsync(truth, CopyType, ct),
        string text => copy.WriteAsync(text, CopyType, ct),
        _ => throw new CopyException($"Column {Name} holds a {value.GetType().Name}."),
    };
}

/// <summary>How many rows, and the sum of their hashes, which does not depend on their order.</summary>
internal readonly record struct RowSum(long Rows, UInt128 Hashes)
{
    public RowSum Add(ReadOnlySpan<object?> values)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> head = stackalloc byte[9];
        foreach (var value in values)
        {
            var text = value as string;
            head[0] = value switch { null => 0, string => 2, _ => 1 };
            BinaryPrimitives.WriteInt64LittleEndian(head[1..], value switch { null => 0, string => Encoding.UTF8.GetByteCount(text!), bool truth => truth ? 1 : 0, _ => (long)value });
            hash.AppendData(head);
            if (text is not null)
            {
                hash.AppendData(Encoding.UTF8.GetBytes(text));
            }
        }
        Span<byte> result = stackalloc byte[32];
        hash.GetHashAndReset(result);
        return new RowSum(Rows + 1, unchecked(Hashes + BinaryPrimitives.ReadUInt128LittleEndian(result)));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Rows} rows, checksum {Hashes:x32}");
}
