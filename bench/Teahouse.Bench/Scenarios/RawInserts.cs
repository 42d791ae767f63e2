using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Teahouse.Bench.Servers;

namespace Teahouse.Bench.Scenarios;

/// <summary>What SQLite alone gives on this disk: one table with the keys of <c>messages</c>, 64 rows a commit, each commit synced.</summary>
internal static class RawInserts
{
    private const int RowsPerCommit = 64;
    private const int Rooms = 200;

    private const string Schema = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        CREATE TABLE rows (
            id         INTEGER PRIMARY KEY AUTOINCREMENT,
            room_id    BIGINT NOT NULL,
            seq        BIGINT NOT NULL,
            author_key TEXT,
            nonce      TEXT,
            text       TEXT NOT NULL,
            created_at BIGINT NOT NULL,
            UNIQUE (room_id, seq)
        );
        CREATE UNIQUE INDEX rows_nonce ON rows (room_id, author_key, nonce) WHERE nonce IS NOT NULL;
        """;

    private const string Insert = "INSERT INTO rows (room_id, seq, text, created_at) VALUES (@room, @seq, @text, @at)";

    /// <summary>The verb by which the tool starts itself for this.</summary>
    public const string Verb = "raw-inserts";

    /// <summary>Rows a second on the server's core, which is not the tool's.</summary>
    public static async Task<double> MeasureAsync(Setup setup, double seconds)
    {
        string[] database = setup.DatabaseUrl is { } url ? [url] : [];
        var command = setup.Pinned(["dotnet", typeof(RawInserts).Assembly.Location, Verb, seconds.ToString(CultureInfo.InvariantCulture), .. database]);
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })
            ?? throw new IOException("The tool could not start itself.");
        var answer = await process.StandardOutput.ReadToEndAsync();
        return double.TryParse(answer, CultureInfo.InvariantCulture, out var rate) ? rate : throw new IOException("Measuring the database alone failed.");
    }

    /// <summary>Rows a second, after a second of warm-up.</summary>
    public static double Measure(double seconds)
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-bench-");
        try
        {
            using var connection = Sqlite.Open(Path.Combine(directory.FullName, "raw.db"));
            connection.Run(Schema);
            using var insert = connection.CreateCommand();
            insert.CommandText = Insert;
            var room = insert.Parameters.Add("@room", SqliteType.Integer);
            var seq = insert.Parameters.Add("@seq", SqliteType.Integer);
            insert.Parameters.AddWithValue("@text", new string('x', 128));
            insert.Parameters.AddWithValue("@at", 1_700_000_000_000);
            insert.Prepare();
            long rows = 0;
            Fill(1);
            var before = rows;
            var watch = Stopwatch.StartNew();
            Fill(seconds);
            return (rows - before) / watch.Elapsed.TotalSeconds;

            void Fill(double time)
            {
                for (var clock = Stopwatch.StartNew(); clock.Elapsed.TotalSeconds < time;)
                {
                    using var transaction = connection.BeginTransaction();
                    insert.Transaction = transaction;
                    for (var i = 0; i < RowsPerCommit; i++, rows++)
                    {
                        room.Value = rows % Rooms;
                        seq.Value = rows / Rooms;
                        insert.ExecuteNonQuery();
                    }
                    transaction.Commit();
                }
            }
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }
}
