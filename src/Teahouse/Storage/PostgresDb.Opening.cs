using System.Diagnostics;
using Npgsql;

namespace Teahouse.Storage;

/// <summary>How the database is opened, and what it must be for that.</summary>
internal sealed partial class PostgresDb
{
    private const int OldestVersion = 15;

    private const string IsNew = "SELECT to_regclass('schema_migrations') IS NULL";

    /// <summary>A database that was lost while it was opened, in its own restart most likely, is asked again for so long.</summary>
    private static readonly TimeSpan OpeningPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan BetweenOpenings = TimeSpan.FromMilliseconds(250);

    public override async Task OpenAsync(CancellationToken ct)
    {
        DapperSetup.Apply();
        var since = Stopwatch.GetTimestamp();
        for (var wasThere = false; ; await Task.Delay(BetweenOpenings, ct))
        {
            try
            {
                await using var connection = await ConnectAsync(ct);
                wasThere = true;
                _description = $"PostgreSQL {connection.PostgreSqlVersion}";
                (Epoch, SetupCode) = await Migrator.MigrateAsync(new PostgresDialect(), connection, ct);
                break;
            }
            // It was there a moment ago; one that was not, or refuses, is for a person to look at.
            catch (Exception e) when (wasThere && IsGone(e) && Stopwatch.GetElapsedTime(since) < OpeningPatience)
            {
            }
            catch (Exception e) when (e is not DatabaseUnreachableException && (e is NpgsqlException || e.IsLost()))
            {
                throw new DatabaseUnreachableException(_sources.Address, e);
            }
        }
        LogOpened(_log, Description);
    }

    public override async Task OpenForReadingAsync(CancellationToken ct)
    {
        DapperSetup.Apply();
        await using var connection = await ConnectAsync(ct);
        await Migrator.CheckAsync(connection, ct);
    }

    public override async Task<bool> IsNewAsync(CancellationToken ct)
    {
        await using var connection = await ConnectAsync(ct);
        return await IsNewAsync(connection, ct);
    }

    /// <summary>Why a server or its database can't be used, in a few words; null when it can.</summary>
    /// <param name="connection">An open one.</param>
    internal static string? FindUnfit(NpgsqlConnection connection) =>
        connection.PostgreSqlVersion.Major < OldestVersion ? $"PostgreSQL {connection.PostgreSqlVersion}: {OldestVersion} or newer is needed"
        // Said by the server when a connection is opened.
        : connection.PostgresParameters.GetValueOrDefault("server_encoding") is not "UTF8" and var encoding ? $"the encoding of the database is {encoding}: UTF8 is needed"
        : null;

    /// <summary>True when there is no site in the database yet.</summary>
    /// <param name="connection">An open one.</param>
    /// <param name="ct">Cancels the question.</param>
    internal static async Task<bool> IsNewAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(IsNew, connection);
        return await command.ExecuteScalarAsync(ct) is true;
    }

    // Migrations are one transaction: what was not committed is undone, and what was is not done twice.
    private static bool IsGone(Exception e) => e.IsLost() || e is DatabaseUnreachableException;

    /// <summary>A connection of its own that waits as long as it takes.</summary>
    /// <exception cref="DatabaseUnreachableException"/>
    /// <exception cref="SchemaException">The database can't be used.</exception>
    internal async Task<NpgsqlConnection> ConnectAsync(CancellationToken ct)
    {
        var connection = _sources.CreatePatient();
        try
        {
            await connection.OpenAsync(ct);
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException or IOException or System.Security.Authentication.AuthenticationException)
        {
            await connection.DisposeAsync();
            throw new DatabaseUnreachableException(_sources.Address, e);
        }
        if (FindUnfit(connection) is { } unfit)
        {
            await connection.DisposeAsync();
            throw new SchemaException($"DATABASE_URL: {unfit}");
        }
        return connection;
    }

    [LoggerMessage(Level = LogLevel.Information, EventName = "database_opened", Message = "Database opened: {Server}")]
    private static partial void LogOpened(ILogger logger, string server);
}
