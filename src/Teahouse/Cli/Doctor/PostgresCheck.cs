using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Teahouse.Storage;

namespace Teahouse.Cli.Doctor;

/// <summary>The PostgreSQL database; nothing is changed.</summary>
internal static class PostgresCheck
{
    private const string Name = "database";
    private const string Now = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
    private const string NewestMigration = "SELECT MAX(name) FROM schema_migrations";

    /// <param name="connectionString">How to reach it.</param>
    /// <param name="clock">This machine's clock.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task<IReadOnlyList<Finding>> RunAsync(string connectionString, TimeProvider clock, CancellationToken ct)
    {
        try
        {
            await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
            await connection.OpenAsync(ct);
            var since = Stopwatch.GetTimestamp();
            var before = clock.GetUtcNow();
            var there = DateTimeOffset.FromUnixTimeMilliseconds((long)(await AskAsync(connection, Now, ct))!);
            var took = Stopwatch.GetElapsedTime(since);
            var clocks = ClockCheck.Against("the database's", there - (before + (took / 2)));
            if (PostgresDb.FindUnfit(connection) is { } unfit)
            {
                return [Finding.Fail(Name, unfit), clocks];
            }
            if (await PostgresDb.IsNewAsync(connection, ct))
            {
                return [Finding.Warn(Name, "there is no site in it yet: the first start makes one"), clocks];
            }
            await Migrator.CheckAsync(connection, ct);
            var schema = await AskAsync(connection, NewestMigration, ct);
            return [Finding.Ok(Name, string.Create(CultureInfo.InvariantCulture, $"PostgreSQL {connection.PostgreSqlVersion}, schema {schema}, answers in {took.TotalMilliseconds:0.0} ms")), clocks];
        }
        catch (SchemaException e)
        {
            return [Finding.Fail(Name, e.Message)];
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException or IOException or System.Security.Authentication.AuthenticationException)
        {
            return [Finding.Fail(Name, $"DATABASE_URL: {e.InnerException?.Message ?? e.Message}")];
        }
    }

    private static async Task<object?> AskAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(ct);
    }
}
