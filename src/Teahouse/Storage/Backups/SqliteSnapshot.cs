using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Teahouse.Storage.Backups;

/// <summary>Copies a SQLite database as it is in one moment, while a server goes on writing to it.</summary>
internal static class SqliteSnapshot
{
    /// <summary>Pages copied at once: 4 MB, between which progress is told.</summary>
    private const int PagesPerStep = 1024;

    private const string Check = "PRAGMA integrity_check(1)";

    private const string PageSize = "PRAGMA page_size";

    // Any read: a transaction has its snapshot only then.
    private const string TakeSnapshot = "SELECT COUNT(*) FROM sqlite_schema";

    private const string Describe = """
        SELECT (SELECT COUNT(*) FROM users) AS users,
               (SELECT COUNT(*) FROM rooms) AS rooms,
               (SELECT COUNT(*) FROM messages) AS messages,
               (SELECT value FROM meta WHERE name = 'epoch') AS epoch,
               (SELECT MAX(name) FROM schema_migrations) AS newest_migration
        """;

    /// <summary>Copies <paramref name="source"/> to the new file <paramref name="target"/>, which then needs no write-ahead log. Held to the end is one read transaction: every page is of the
    /// same commit, and the copy never begins anew however much is written meanwhile. The server's log can't be written over from its beginning for as long, so it grows by what is said in this time,
    /// and shrinks afterwards.</summary>
    public static void Copy(string source, string target, Action<long, long> report, CancellationToken ct)
    {
        using var from = Open(source, SqliteOpenMode.ReadOnly);
        SqliteDb.Pragma(from, "busy_timeout=5000");
        using var snapshot = from.BeginTransaction(deferred: true);
        // Without it each step would read a snapshot of its own, and begin anew when somebody wrote in between.
        Ask(from, TakeSnapshot);
        var bytesPerPage = Ask(from, PageSize);
        using var to = Open(target, SqliteOpenMode.ReadWriteCreate);
        // Nobody needs half a copy: it is made anew, and what becomes of it is put on disk at the end.
        SqliteDb.Pragma(to, "synchronous=OFF");
        using (var backup = raw.sqlite3_backup_init(to.Handle, "main", from.Handle, "main"))
        {
            if (backup.IsInvalid)
            {
                throw new SqliteException(raw.sqlite3_errmsg(to.Handle).utf8_to_string(), raw.sqlite3_errcode(to.Handle));
            }
            for (var code = raw.SQLITE_OK; code != raw.SQLITE_DONE;)
            {
                ct.ThrowIfCancellationRequested();
                code = raw.sqlite3_backup_step(backup, PagesPerStep);
                if (code is not (raw.SQLITE_OK or raw.SQLITE_DONE))
                {
                    throw new SqliteException($"SQLite error {code}: {raw.sqlite3_errstr(code).utf8_to_string()}", code);
                }
                long pages = raw.sqlite3_backup_pagecount(backup);
                report((pages - raw.sqlite3_backup_remaining(backup)) * bytesPerPage, pages * bytesPerPage);
            }
        }
        SqliteDb.Pragma(to, "journal_mode=DELETE");
    }

    /// <summary>Looks through the whole file.</summary>
    /// <exception cref="BackupException">It is damaged.</exception>
    public static void CheckIntegrity(string path)
    {
        using var connection = Open(path, SqliteOpenMode.ReadOnly);
        using var command = connection.CreateCommand();
        command.CommandText = Check;
        var said = command.ExecuteScalar() as string;
        if (said != "ok")
        {
            throw new BackupException($"The database is damaged: {said?.ReplaceLineEndings(" ")}");
        }
    }

    /// <summary>What a database holds.</summary>
    public static SnapshotContent Read(string path)
    {
        using var connection = Open(path, SqliteOpenMode.ReadOnly);
        using var command = connection.CreateCommand();
        command.CommandText = Describe;
        using var row = command.ExecuteReader();
        row.Read();
        return new SnapshotContent(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetString(3), row.GetString(4));
    }

    private static long Ask(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        return (long?)command.ExecuteScalar() ?? 0;
    }

    private static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        SqliteNative.Use();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }
}

/// <summary>What a database holds, for the manifest.</summary>
internal sealed record SnapshotContent(long Users, long Rooms, long Messages, string Epoch, string Schema);
