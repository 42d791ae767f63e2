using Npgsql;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Storage;

/// <summary>Databases that are there, and not what a site needs.</summary>
[Trait("Speed", "Medium")]
public sealed class PostgresStartTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_of_another_encoding_stops_the_start_with_one_line_before_anything_is_made_in_it()
    {
        var cluster = await TestDatabase.ClusterAsync();
        await cluster.ExecuteAsync("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");

        var (exitCode, output) = await ProgramProcess.RunAsync(["serve"], settings: [("DATABASE_URL", cluster.UrlOf("latin")), ("URLS", "http://127.0.0.1:0")]);

        Assert.Equal(1, exitCode);
        Assert.EndsWith("DATABASE_URL: the encoding of the database is LATIN1: UTF8 is needed", output.Trim(), StringComparison.Ordinal);
        Assert.Equal(0L, await CountTablesAsync("latin"));
    }

    [Fact]
    public async Task An_empty_database_stays_empty_under_what_only_looks_or_begins_a_new_history()
    {
        var cluster = await TestDatabase.ClusterAsync();
        var database = await cluster.CreateDatabaseAsync();

        var (doctor, found) = await ProgramProcess.RunAsync(["doctor"], settings: ("DATABASE_URL", cluster.UrlOf(database)));
        var (renewed, refusal) = await ProgramProcess.RunAsync(["restore", "--new-history"], settings: ("DATABASE_URL", cluster.UrlOf(database)));

        Assert.True(doctor == 0, found);
        Assert.Contains("there is no site in it yet", found, StringComparison.Ordinal);
        Assert.Equal((1, true), (renewed, refusal.Contains("no site in this database", StringComparison.Ordinal)));
        Assert.Equal(0L, await CountTablesAsync(database));
    }

    private static async Task<object?> CountTablesAsync(string database)
    {
        var cluster = await TestDatabase.ClusterAsync();
        await using var connection = await cluster.OpenAsync(database);
        await using var count = new NpgsqlCommand("SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'", connection);
        return await count.ExecuteScalarAsync(Ct);
    }
}
