using System.Globalization;
using Microsoft.Data.Sqlite;
using Teahouse.Storage;

namespace Teahouse.Cli.Doctor;

/// <summary>The SQLite file, looked at beside a running server or without one; nothing is changed.</summary>
internal static class SqliteCheck
{
    private const string Name = "database";
    private const string QuickCheck = "PRAGMA quick_check(1)";
    private const string NewestMigration = "SELECT MAX(name) FROM schema_migrations";
    private const string NewestMessage = "SELECT created_at FROM messages ORDER BY id DESC LIMIT 1";
    private const long LongLog = 256L << 20;

    /// <param name="path">The file.</param>
    /// <param name="now">By this machine's clock.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task<IReadOnlyList<Finding>> RunAsync(string path, DateTimeOffset now, CancellationToken ct)
    {
        var findings = new List<Finding> { Finding.Ok("sqlite", SqliteNative.Use()) };
        if (SqliteDb.IsInterrupted(path))
        {
            return [.. findings, Finding.Fail(Name, $"{path}: a restore was begun and not finished. Run it again: teahouse restore FILE")];
        }
        if (!File.Exists(path))
        {
            return [.. findings, Finding.Warn(Name, $"{path}: not there yet; the first start makes it")];
        }
        try
        {
            await using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ToString());
            await connection.OpenAsync(ct);
            SqliteDb.Pragma(connection, "busy_timeout=5000");
            var integrity = await AskAsync(connection, QuickCheck, ct) as string;
            if (integrity != "ok")
            {
                return [.. findings, Finding.Fail(Name, $"{path} is damaged: {integrity}. Bring a backup back: teahouse restore FILE --force")];
            }
            await Migrator.CheckAsync(connection, ct);
            var log = new FileInfo(path + "-wal") is { Exists: true } wal ? wal.Length : 0;
            var schema = await AskAsync(connection, NewestMigration, ct);
            var said = string.Create(CultureInfo.InvariantCulture, $"{path}: schema {schema}, quick_check ok, {new FileInfo(path).Length / 1e6:N1} MB, write-ahead log {log / 1e6:N1} MB");
            findings.Add(log > LongLog ? Finding.Warn(Name, said + ": long; does something read for hours?") : Finding.Ok(Name, said));
            findings.Add(ClockCheck.AgainstHistory(await AskAsync(connection, NewestMessage, ct) is long at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null, now));
        }
        catch (SchemaException e)
        {
            findings.Add(Finding.Fail(Name, $"{path}: {e.Message}"));
        }
        catch (SqliteException e)
        {
            findings.Add(Finding.Fail(Name, $"{path} can't be read: {e.Message}"));
        }
        return findings;
    }

    private static async Task<object?> AskAsync(SqliteConnection connection, string sql, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(ct);
    }
}
