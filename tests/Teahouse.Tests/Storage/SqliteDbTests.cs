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
