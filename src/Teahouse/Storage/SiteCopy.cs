using System.Globalization;
using System.Xml.Linq;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Teahouse.Storage;

/// <summary>Copies a whole site from SQLite into an empty PostgreSQL database in one transaction: all rows with their ids, numbers, revisions and epoch, then compared by count and
/// checksum. The tables are those of the schema, whatever they are.</summary>
internal sealed class SiteCopy(SqliteConnection source, NpgsqlConnection target, Action<string> tell)
{
    private const int TellEvery = 100_000;

    // Every server and worker asks for something every second or two, by connections of this name (PostgresSources).
    private const string CountServers = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'teahouse'";

    /// <summary>Made by migrating, or by a server that was started once on the target.</summary>
    private static readonly string[] NotCounted = ["meta", "schema_migrations", "data_protection_keys"];

    /// <summary>Not copied: the target's own history, and keys, which are files on SQLite.</summary>
    private static readonly string[] NotCopied = ["schema_migrations", "data_protection_keys"];

    /// <param name="sqlitePath">The file.</param>
    /// <param name="postgres">How to reach the target.</param>
    /// <param name="keyDirectory">Where the keys that sign cookies are.</param>
    /// <param name="loggers">For what opens the databases.</param>
    /// <param name="tell">Takes lines for the person who waits.</param>
    /// <param name="ct">Gives up; nothing is left in the target.</param>
    /// <exception cref="CopyException">A server runs on the target, it is not empty, or the copy differs; nothing is left in the target.</exception>
    /// <exception cref="DatabaseInUseException">A server runs on the source.</exception>
    public static async Task RunAsync(string sqlitePath, string postgres, string keyDirectory, ILoggerFactory loggers, Action<string> tell, CancellationToken ct)
    {
        // Opening brings both to this version's schema, and holds SQLite's lock to the end.
        await using var sqlite = new SqliteDb(sqlitePath, loggers);
        await sqlite.OpenAsync(ct);
        await using var source = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = sqlitePath, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
        source.Open();
        await using var database = new PostgresDb(postgres, loggers);
        await using var target = await database.ConnectAsync(ct);
        var copy = new SiteCopy(source, target, tell);
        await copy.RefuseServedAsync(ct);
        await database.OpenAsync(ct);
        await copy.CopyAsync(ct);
        CopyKeys(new DatabaseKeyRing(database, TimeProvider.System), keyDirectory, tell);
    }

    /// <summary>A server that runs on the target, however empty, would go on with the history and the first administrator's code that it found at its start.</summary>
    private async Task RefuseServedAsync(CancellationToken ct)
    {
        await using var command = CreateCommand(CountServers);
        if (await command.ExecuteScalarAsync(ct) is > 0L)
        {
            throw new CopyException("A server runs on the target: stop it first. Nothing was copied.");
        }
    }

    private async Task CopyAsync(CancellationToken ct)
    {
        var tables = await SiteTable.ListAsync(target);
        await using var transaction = await target.BeginTransactionAsync(ct);
        await ExecuteAsync("LOCK TABLE " + string.Join(", ", tables.Select(table => table.Quoted)) + " IN EXCLUSIVE MODE", ct);
        foreach (var table in tables.Where(table => !NotCounted.Contains(table.Name)))
        {
            if (await CountAsync(table, ct) is var rows and > 0)
            {
                throw new CopyException(string.Create(CultureInfo.InvariantCulture, $"The target is not empty: {table.Name} has {rows} rows. Nothing was copied."));
            }
        }
        foreach (var table in tables.Where(table => !NotCopied.Contains(table.Name)))
        {
            if (NotCounted.Contains(table.Name))
            {
                await ExecuteAsync("TRUNCATE " + table.Quoted, ct);
            }
            var sent = await SendAsync(table, ct);
            var stored = await SumAsync(table, ct);
            if (sent != stored)
            {
                throw new CopyException($"The copy of {table.Name} differs ({sent} against {stored}). Nothing was copied.");
            }
            if (table.Identity is { } identity)
            {
                await ContinueNumbersAsync(table.Name, identity, ct);
            }
            tell(string.Create(CultureInfo.InvariantCulture, $"{table.Name}: {sent.Rows} rows, the same in the copy"));
        }
        await transaction.CommitAsync(ct);
        tell("Everything was copied. Start the server with this DATABASE_URL.");
    }

    private async Task<RowSum> SendAsync(SiteTable table, CancellationToken ct)
    {
        await using var command = source.CreateCommand();
#pragma warning disable CA2100 // Names of the schema, quoted.
        command.CommandText = table.Select;
#pragma warning restore CA2100
        await using var rows = await command.ExecuteReaderAsync(ct);
        await using var copy = await target.BeginBinaryImportAsync(table.Copy, ct);
        var sum = new RowSum();
        var values = new object?[table.Columns.Count];
        while (await rows.ReadAsync(ct))
        {
            await copy.StartRowAsync(ct);
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = table.Columns[i].FromSqlite(rows, i);
                await table.Columns[i].WriteAsync(copy, values[i], ct);
            }
            sum = sum.Add(values);
            if (sum.Rows % TellEvery == 0)
            {
                tell(string.Create(CultureInfo.InvariantCulture, $"{table.Name}: {sum.Rows} rows so far"));
            }
        }
        await copy.CompleteAsync(ct);
        return sum;
    }

    private async Task<RowSum> SumAsync(SiteTable table, CancellationToken ct)
    {
        await using var command = CreateCommand(table.Select);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var sum = new RowSum();
        var values = new object?[table.Columns.Count];
        while (await rows.ReadAsync(ct))
        {
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = await rows.IsDBNullAsync(i, ct) ? null : rows.GetValue(i);
            }
            sum = sum.Add(values);
        }
        return sum;
    }

    /// <summary>The next id is one that SQLite never gave out either, even to a row that is gone.</summary>
    private async Task ContinueNumbersAsync(string table, string column, CancellationToken ct)
    {
        const string LastGiven = "SELECT seq FROM sqlite_sequence WHERE name = @table";
        const string Continue = "SELECT setval(pg_get_serial_sequence(@table, @column), @last)";
        await using var asking = source.CreateCommand();
        asking.CommandText = LastGiven;
        asking.Parameters.AddWithValue("@table", table);
        if (await asking.ExecuteScalarAsync(ct) is long and > 0 and var last)
        {
            await using var command = CreateCommand(Continue);
            command.Parameters.AddWithValue("table", table);
            command.Parameters.AddWithValue("column", column);
            command.Parameters.AddWithValue("last", last);
            await command.ExecuteScalarAsync(ct);
        }
    }

    private static void CopyKeys(DatabaseKeyRing ring, string directory, Action<string> tell)
    {
        var files = Directory.GetFiles(directory, "*.xml");
        foreach (var file in files)
        {
            ring.StoreElement(XElement.Load(file), Path.GetFileNameWithoutExtension(file));
        }
        tell(string.Create(CultureInfo.InvariantCulture, $"Keys: {files.Length}"));
    }

    private async Task<long> CountAsync(SiteTable table, CancellationToken ct)
    {
        await using var command = CreateCommand(table.Count);
        return Convert.ToInt64(await command.ExecuteScalarAsync(ct), CultureInfo.InvariantCulture);
    }

    private async Task ExecuteAsync(string sql, CancellationToken ct)
    {
        await using var command = CreateCommand(sql);
        await command.ExecuteNonQueryAsync(ct);
    }

    private NpgsqlCommand CreateCommand(string sql)
    {
        var command = target.CreateCommand();
#pragma warning disable CA2100 // Constants, and names of the schema, quoted.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }
}

/// <summary>A site could not be copied; the message is one line for the person at the shell.</summary>
public sealed class CopyException(string message) : Exception(message);
