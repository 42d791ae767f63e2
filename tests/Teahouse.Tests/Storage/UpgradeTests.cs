using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Data.Sqlite;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Storage;

/// <summary>Databases of earlier versions, each written by that version itself, are brought to this one with everything in them.</summary>
public sealed class UpgradeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Fixtures() => [.. Repository.List("tests/Teahouse.Tests/Storage/fixtures", ".db.gz")];

    [Theory, MemberData(nameof(Fixtures))]
    public async Task A_database_of_an_earlier_version_is_brought_to_this_one_with_everything_in_it(string fixture)
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        var path = Path.Combine(directory, "teahouse.db");
        await using (var packed = new GZipStream(File.OpenRead(Repository.PathOf(fixture)), CompressionMode.Decompress))
        await using (var file = File.Create(path))
        {
            await packed.CopyToAsync(file, Ct);
        }
        var before = await ReadAllAsync(path);
        string epoch = (string)before["meta"].Single(row => (string)row["name"]! == "epoch")["value"]!;

        await using (var server = await TestServer.StartAsync([("DATABASE_URL", "sqlite:" + path), .. SharedServer.NoLimits], directory))
        {
            Assert.Equal(epoch, server.Get<Db>().Epoch);
            using var browser = server.CreateClient();
            using var signedIn = await browser.PostFormAsync("/login/", ("username", "alice"), ("password", "correct horse battery"));
            Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
            var messages = await History.ReadAsync(browser, "茶館");
            Assert.Equal(["早安", "second line\nwith \\\"quotes\\\"", "👵🏽", "from bob", "unread"],
                messages.Where(message => (string)message["kind"]! == "text").Select(message => (string)message["message"]!));
            Assert.Equal(Enumerable.Range(1, messages.Count).Select(seq => (long)seq), messages.Select(message => (long)message["seq"]!));
            // Two of alice's chats: bob's words are unread; and what was sent is known still.
            var chat = (await browser.GetFromJsonAsync<JsonObject>(new Uri("/api/v1/projects/bike/chats", UriKind.Relative), Ct))!["chats"]!.AsArray().Single()!;
            Assert.Equal(("bob", 1), ((string)chat["visitor"]!, (int)chat["unread"]!));
            using var bot = await server.CreateBotAsync("alice");
            using var again = await bot.PostAsJsonAsync(new Uri("/api/v1/rooms/茶館/messages", UriKind.Relative), new { message = "早安", nonce = "早安" }, Ct);
            Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        }

        var after = await ReadAllAsync(path);
        foreach (var (table, rows) in before)
        {
            // Signing in and making a token leave traces of their own.
            if (table is "sessions" or "tokens" or "audit_log" or "notices" or "schema_migrations")
            {
                continue;
            }
            Assert.Equal(rows.Count, after[table].Count);
            foreach (var (row, now) in rows.Zip(after[table]))
            {
                Assert.All(row, column => Assert.Equal(column.Value, now[column.Key]));
            }
        }
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>Every table's rows, in the order in which they were made.</summary>
    private static async Task<Dictionary<string, List<IDictionary<string, object?>>>> ReadAllAsync(string path)
    {
        // Before anything else opens a file: a process that has begun with one library and goes on with another crashes.
        SqliteNative.Use();
        await using var connection = new SqliteConnection($"Data Source={path};Mode=ReadOnly;Pooling=False");
        Dictionary<string, List<IDictionary<string, object?>>> tables = [];
        foreach (var table in await connection.QueryAsync<string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"))
        {
            tables[table] = [.. (await connection.QueryAsync($"SELECT * FROM {table} ORDER BY rowid")).Cast<IDictionary<string, object?>>()];
        }
        return tables;
    }
}
