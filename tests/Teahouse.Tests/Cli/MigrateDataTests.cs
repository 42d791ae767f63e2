using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Cli;

[Trait("Speed", "Medium")]
public sealed class MigrateDataTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("teahouse-test-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Sqlite => "sqlite:" + Path.Combine(_data, "site.db");

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_site_goes_on_where_it_was()
    {
        string epoch;
        CookieContainer cookies;
        JsonArray before;
        JsonObject rooms;
        long lastId;
        await using (var server = await StartAsync(Sqlite))
        {
            epoch = server.Get<Db>().Epoch;
            cookies = await server.SignInCookiesAsync("alice", isAdmin: true);
            using var browser = server.CreateClient(cookies);
            await browser.CreateRoomAsync("茶館", "private");
            await browser.CreateRoomAsync("gone", "guests");
            using var bot = await server.CreateBotAsync("alice");
            foreach (var text in (string[])["第一則", "👵🏽 \"quoted\" \\ back", new string('長', 8000)])
            {
                (await bot.PostAsJsonAsync(new Uri("/api/v1/rooms/茶館/messages", UriKind.Relative), new { message = text, nonce = text[..2] }, Ct)).EnsureSuccessStatusCode();
            }
            using var last = await bot.PostAsJsonAsync(new Uri("/api/v1/rooms/gone/messages", UriKind.Relative), new { message = "the newest id of all" }, Ct);
            lastId = (long)(await last.Content.ReadFromJsonAsync<JsonObject>(Ct))!["id"]!;
            await server.Get<Db>().WriteAsync(session => session.ExecuteAsync("DELETE FROM rooms WHERE name_key = 'gone'"), Ct);
            before = await MessagesAsync(bot);
            rooms = await RoomsAsync(bot);
        }
        var cluster = await TestDatabase.ClusterAsync();
        var target = cluster.UrlOf(await cluster.CreateDatabaseAsync());

        var (exitCode, output) = await MigrateAsync(target);

        Assert.True(exitCode == 0, output);
        Assert.Contains($"messages: {before.Count} rows", output, StringComparison.Ordinal);
        await using (var server = await StartAsync(target))
        {
            Assert.Equal(epoch, server.Get<Db>().Epoch);
            using var bot = await server.CreateBotAsync("alice");
            Assert.Equal(before.ToJsonString(), (await MessagesAsync(bot)).ToJsonString());
            Assert.Equal(rooms.ToJsonString(), (await RoomsAsync(bot)).ToJsonString());
            // Still signed in.
            var moved = new CookieContainer();
            moved.Add(server.Address, new Cookie("teahouse_session", cookies.GetAllCookies()["teahouse_session"]!.Value));
            using var browser = server.CreateClient(moved);
            Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync(new Uri("/room/茶館/", UriKind.Relative), Ct)).StatusCode);
            // An id is never given out twice, not even that of a message that is gone; and what was sent before is a repeat.
            using var next = await bot.PostAsJsonAsync(new Uri("/api/v1/rooms/茶館/messages", UriKind.Relative), new { message = "next" }, Ct);
            var message = await next.Content.ReadFromJsonAsync<JsonObject>(Ct);
            Assert.True((long)message!["id"]! > lastId);
            Assert.Equal(before.Count + 1, (long)message["seq"]!);
            using var repeated = await bot.PostAsJsonAsync(new Uri("/api/v1/rooms/茶館/messages", UriKind.Relative), new { message = "第一則", nonce = "第一" }, Ct);
            Assert.Equal(HttpStatusCode.OK, repeated.StatusCode);
        }

        var (again, refusal) = await MigrateAsync(target);
        Assert.Equal(1, again);
        Assert.Contains("not empty", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_site_that_runs_or_is_not_there_is_not_copied()
    {
        var cluster = await TestDatabase.ClusterAsync();
        var target = cluster.UrlOf(await cluster.CreateDatabaseAsync());
        var (missingExit, missing) = await MigrateAsync(target);
        Assert.Equal((1, true), (missingExit, missing.Contains("There is no database", StringComparison.Ordinal)));

        await using var server = await StartAsync(Sqlite);
        var (runningExit, running) = await MigrateAsync(target);

        Assert.Equal((1, true), (runningExit, running.Contains("owns this database", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Nothing_is_copied_into_a_database_that_a_server_uses_however_empty()
    {
        await using (await StartAsync(Sqlite))
        {
            // Makes the site.
        }
        var cluster = await TestDatabase.ClusterAsync();
        var target = cluster.UrlOf(await cluster.CreateDatabaseAsync());
        await using (await TestServer.StartAsync([("DATABASE_URL", target)]))
        {
            var (served, refusal) = await MigrateAsync(target);

            Assert.Equal((1, true), (served, refusal.Contains("A server runs on the target", StringComparison.Ordinal)));
        }
        await Eventually.TrueAsync(async () => (await MigrateAsync(target)).ExitCode == 0);
    }

    [Fact]
    public async Task Keys_are_looked_for_beside_the_database_and_asked_for_before_anything_is_copied()
    {
        await using (await StartAsync(Sqlite))
        {
            // Makes the site and its keys.
        }
        var cluster = await TestDatabase.ClusterAsync();
        var target = cluster.UrlOf(await cluster.CreateDatabaseAsync());
        var keys = Path.Combine(_data, "keys");
        Directory.Move(keys, keys + "-elsewhere");

        var (without, refusal) = await ProgramProcess.RunAsync(["migrate-data", "--from", Sqlite, "--to", target]);
        Directory.Move(keys + "-elsewhere", keys);
        var (beside, copied) = await ProgramProcess.RunAsync(["migrate-data", "--from", Sqlite, "--to", target]);

        Assert.Equal((1, true), (without, refusal.Contains("--keys", StringComparison.Ordinal)));
        Assert.True(beside == 0, copied);
        Assert.Contains("Keys: 1", copied, StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output)> MigrateAsync(string target) =>
        ProgramProcess.RunAsync(["migrate-data", "--from", Sqlite, "--to", target, "--keys", Path.Combine(_data, "keys")]);

    private Task<TestServer> StartAsync(string url) => TestServer.StartAsync([("DATABASE_URL", url), .. SharedServer.NoLimits], _data);

    private static async Task<JsonArray> MessagesAsync(HttpClient bot) =>
        (await bot.GetFromJsonAsync<JsonObject>(new Uri("/api/v1/rooms/茶館/messages?limit=200", UriKind.Relative), Ct))!["messages"]!.AsArray();

    private static async Task<JsonObject> RoomsAsync(HttpClient bot) => (await bot.GetFromJsonAsync<JsonObject>(new Uri("/api/v1/rooms", UriKind.Relative), Ct))!;
}
