using Microsoft.Data.Sqlite;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Storage;

public sealed class SqliteDbTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_write_that_fails_is_undone_alone()
    {
        await using var server = await TestServer.StartAsync();
        var db = server.Get<Db>();

        var writes = Enumerable.Range(0, 50).Select(i => db.WriteAsync(async session =>
        {
            await session.ExecuteAsync("INSERT INTO meta (name, value) VALUES (@name, '')", new { name = $"k{i}" });
            return i % 10 == 3 ? throw new InvalidOperationException("mine") : i;
        }, Ct)).ToList();
        var failed = 0;
        foreach (var write in writes)
        {
            try
            {
                await write;
            }
            catch (InvalidOperationException)
            {
                failed++;
            }
        }

        Assert.Equal(5, failed);
        Assert.Equal(45, await db.ReadAsync(s => s.GetAsync<long>("SELECT COUNT(*) FROM meta WHERE name LIKE 'k%'"), Ct));
    }

    [Fact]
    public async Task A_second_server_on_the_same_file_is_refused()
    {
        await using var server = await TestServer.StartAsync();

        await Assert.ThrowsAsync<DatabaseInUseException>(() => TestServer.StartAsync(dataDirectory: server.DataDirectory));
    }

    [Fact]
    public async Task A_file_has_one_owner_by_whatever_name_it_is_reached()
    {
        await using var server = await TestServer.StartAsync();
        var link = Path.Combine(server.DataDirectory, "link.db");
        File.CreateSymbolicLink(link, "teahouse.db");

        await Assert.ThrowsAsync<DatabaseInUseException>(() => TestServer.StartAsync([("DATABASE_URL", "sqlite:" + link)], dataDirectory: server.DataDirectory));
    }

    [Fact]
    public async Task A_stop_leaves_everything_in_the_file_itself()
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        try
        {
            var path = Path.Combine(directory, "teahouse.db");
            await using (var server = await TestServer.StartAsync([("DATABASE_URL", "sqlite:" + path)], dataDirectory: directory))
            {
                await server.Get<Db>().WriteAsync(session => session.ExecuteAsync("INSERT INTO meta (name, value) VALUES ('k', 'v')"), Ct);
                await server.Get<Db>().ReadAsync(session => session.GetAsync<string>("SELECT value FROM meta WHERE name = 'k'"), Ct);
            }

            Assert.False(File.Exists(path + "-wal"));
            await using var connection = new SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False");
            await connection.OpenAsync(Ct);
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT value FROM meta WHERE name = 'k'";
            Assert.Equal("v", await command.ExecuteScalarAsync(Ct));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_a_refusal_and_an_expected_no_costs_no_connection()
    {
        await using var server = await TestServer.StartAsync();
        var db = server.Get<Db>();

        var damaged = await Assert.ThrowsAsync<RefusedException>(() => db.ReadAsync<int>(_ => throw new SqliteException("database disk image is malformed", 11), Ct));
        await Assert.ThrowsAsync<SqliteException>(() => db.ReadAsync(session => session.GetAsync<int>("SELECT nonsense"), Ct));
        object? first = null;
        await Assert.ThrowsAsync<RefusedException>(() => db.ReadAsync<int>(session =>
        {
            first = session.Connection;
            throw new RefusedException(Refusal.NoSuchRoom);
        }, Ct));

        Assert.Equal(Refusal.Busy, damaged.Refusal);
        Assert.Same(first, await db.ReadAsync(session => Task.FromResult(session.Connection), Ct));
        Assert.Equal(1, await db.ReadAsync(session => session.GetAsync<int>("SELECT 1"), Ct));
    }

    [Fact]
    public async Task The_epoch_outlives_a_restart()
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        try
        {
            string first;
            await using (var server = await TestServer.StartAsync(dataDirectory: directory))
            {
                first = server.Get<Db>().Epoch;
            }
            await using var again = await TestServer.StartAsync(dataDirectory: directory);

            Assert.Equal(first, again.Get<Db>().Epoch);
            Assert.NotEmpty(first);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
