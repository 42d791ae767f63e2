using System.Data.Common;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Dapper;

namespace Teahouse.Storage;

/// <summary>What DDL says differently on the two databases.</summary>
internal interface IDialect
{
    /// <summary>Replaces the placeholders of a migration: <c>{{id}}</c>, a table's key; <c>{{postgres}}</c> and <c>{{/postgres}}</c>, around what only that database is to do.</summary>
    string Translate(string ddl);

    /// <summary>Begins the transaction that keeps every other migrating process out until it ends.</summary>
    Task<DbTransaction> LockAsync(DbConnection connection, CancellationToken ct);
}

internal sealed partial class SqliteDialect : IDialect
{
    // AUTOINCREMENT: an id is never given out twice, not even after the newest message's room was deleted.
    public string Translate(string ddl) => OfPostgres().Replace(ddl, "").Replace("{{id}}", "INTEGER PRIMARY KEY AUTOINCREMENT", StringComparison.Ordinal);

    [GeneratedRegex(@"\{\{postgres\}\}.*?\{\{/postgres\}\}", RegexOptions.Singleline)]
    private static partial Regex OfPostgres();

    public Task<DbTransaction> LockAsync(DbConnection connection, CancellationToken ct) =>
        Task.FromResult<DbTransaction>(((Microsoft.Data.Sqlite.SqliteConnection)connection).BeginTransaction(deferred: false));
}

/// <summary>Applies <c>Migrations/NNNN_what.sql</c> in order, once each, in one transaction under a lock. A migration that changed after it
/// was applied, or that this version does not know, stops the start: the schema would not be what the code expects.</summary>
internal static partial class Migrator
{
    // Without the letters and digits people mix up.
    private const string CodeLetters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
    private const int CodeLength = 10;

    private const string CreateLog = """
        CREATE TABLE IF NOT EXISTS schema_migrations (
            name       TEXT NOT NULL PRIMARY KEY,
            checksum   TEXT NOT NULL,
            applied_at BIGINT NOT NULL
        )
        """;

    private const string ListApplied = """
        SELECT name, checksum
        FROM schema_migrations
        ORDER BY name
        LIMIT 10000
        """;

    private const string InsertApplied = """
        INSERT INTO schema_migrations (name, checksum, applied_at)
        VALUES (@name, @checksum, @at)
        """;

    private const string InsertMeta = """
        INSERT INTO meta (name, value)
        VALUES (@name, @value)
        ON CONFLICT (name) DO NOTHING
        """;

    private const string GetMeta = "SELECT value FROM meta WHERE name = @name";

    /// <summary>Returns the database's epoch and set-up code, made with it.</summary>
    public static async Task<(string Epoch, string SetupCode)> MigrateAsync(IDialect dialect, DbConnection connection, CancellationToken ct)
    {
        await using var transaction = await dialect.LockAsync(connection, ct);
        await connection.ExecuteAsync(dialect.Translate(CreateLog), transaction: transaction);
        var applied = (await connection.QueryAsync<Applied>(ListApplied, transaction: transaction)).ToDictionary(a => a.Name, a => a.Checksum);
        foreach (var (name, sql, checksum) in TakeMissing(applied))
        {
            await connection.ExecuteAsync(dialect.Translate(sql), transaction: transaction);
            var at = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
            await connection.ExecuteAsync(InsertApplied, new { name, checksum, at }, transaction);
        }
        var epoch = await KeepAsync("epoch", NewEpoch());
        var setupCode = await KeepAsync("setup_code", RandomNumberGenerator.GetString(CodeLetters, CodeLength));
        await transaction.CommitAsync(ct);
        return (epoch, setupCode);

        // Whoever comes first decides; everybody else takes that.
        async Task<string> KeepAsync(string name, string value)
        {
            await connection.ExecuteAsync(InsertMeta, new { name, value }, transaction);
            return await connection.QueryFirstAsync<string>(GetMeta, new { name }, transaction);
        }
    }

    /// <summary>Does nothing when the database is of this version.</summary>
    /// <exception cref="SchemaException">It is of another one.</exception>
    public static async Task CheckAsync(DbConnection connection, CancellationToken ct)
    {
        List<Applied> applied;
        try
        {
            applied = (await connection.QueryAsync<Applied>(new CommandDefinition(ListApplied, cancellationToken: ct))).AsList();
        }
        catch (DbException e)
        {
            throw new SchemaException($"This is no database of Teahouse's: {e.Message}");
        }
        if (TakeMissing(applied.ToDictionary(a => a.Name, a => a.Checksum)) is [var (name, _, _), ..])
        {
            throw new SchemaException($"The database is of an older version: it lacks migration {name}. Run: teahouse migrate");
        }
    }

    /// <summary>The migrations that were not applied yet, in order.</summary>
    private static List<(string Name, string Sql, string Checksum)> TakeMissing(Dictionary<string, string> applied)
    {
        List<(string, string, string)> missing = [];
        foreach (var (name, sql) in List())
        {
            var checksum = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql)));
            if (!applied.Remove(name, out var known))
            {
                missing.Add((name, sql, checksum));
            }
            else if (known != checksum)
            {
                throw new SchemaException($"Migration {name} was changed after it was applied to this database.");
            }
        }
        return applied.Count == 0 ? missing
            : throw new SchemaException($"The database is of a newer version: it holds migration {applied.Keys.Min()}, which this one does not know.");
    }

    /// <summary>Names and texts of this version's migrations, in order.</summary>
    internal static IReadOnlyList<(string Name, string Sql)> List()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith("migrations/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => (Path.GetFileNameWithoutExtension(name["migrations/".Length..]), Read(assembly, name)))];
    }

    private static string Read(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"Resource {name} is missing."));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private sealed record Applied
    {
        public required string Name { get; init; }
        public required string Checksum { get; init; }
    }
}

/// <summary>The database's schema is not what this version can work with.</summary>
public sealed class SchemaException(string message) : Exception(message);
