using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Teahouse.Jobs;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.MyData;

public sealed class MyDataPageTests
{
    private static readonly Uri Page = new("/settings/data/", UriKind.Relative);
    private static readonly Uri Download = new("/settings/data/download/", UriKind.Relative);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact, Trait("Database", "Both")]
    public async Task The_file_holds_everything_of_its_owner_and_nothing_of_others()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        await server.AddUserWithEmailAsync("alice", "alice@example.org");
        var token = await server.AddTokenAsync("alice", "admin", "幫手");
        using var bot = server.CreateBearer(token.Text);
        (await bot.PostAsJsonAsync("/api/v1/rooms", new { name = "den", access = "members" }, Ct)).EnsureSuccessStatusCode();
        for (var i = 1; i <= 30; i++)
        {
            (await bot.PostAsJsonAsync("/api/v1/rooms/den/messages", new { message = $"我的 \"{i}\" <b>\n第二行" }, Ct)).EnsureSuccessStatusCode();
        }
        using var bobs = await server.CreateBotAsync("bob");
        (await bobs.PostAsJsonAsync("/api/v1/rooms/den/messages", new { message = "bob's own" }, Ct)).EnsureSuccessStatusCode();
        using var alice = await server.SignInAsync("alice");
        using var bob = await server.SignInAsync("bob");
        Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync(Download, Ct)).StatusCode);
        (await alice.PostFormAsync("/settings/", ("act", "profile"), ("avatar_colour", "4"))).Dispose();
        (await alice.PostFormAsync("/settings/", ("act", "notifications"), ("notify", "mentions"), ("sound", "on"))).Dispose();

        using var asked = await alice.PostFormAsync("/settings/data/");
        await Eventually.TrueAsync(async () => (await alice.GetStringAsync(Page, Ct)).Contains("/settings/data/download/", StringComparison.Ordinal));
        using var file = await alice.GetAsync(Download, Ct);

        Assert.Equal(HttpStatusCode.SeeOther, asked.StatusCode);
        Assert.Equal("attachment; filename=\"teahouse-data.json\"", file.Content.Headers.GetValues("Content-Disposition").Single());
        var text = await file.Content.ReadAsStringAsync(Ct);
        var json = JsonNode.Parse(text)!;
        Assert.Equal(("alice", "alice@example.org"), ((string?)json["profile"]!["username"], (string?)json["profile"]!["email"]));
        Assert.Equal((4, "mentions", true), ((int?)json["profile"]!["avatar_colour"], (string?)json["profile"]!["notify_of"], (bool?)json["profile"]!["notify_sound"]));
        Assert.Equal(Enumerable.Range(1, 30).Select(i => $"我的 \"{i}\" <b>\n第二行"), json["messages"]!.AsArray().Select(message => (string?)message!["message"]));
        Assert.All(json["messages"]!.AsArray(), message => Assert.Equal("den", (string?)message!["room"]));
        Assert.Equal("幫手", (string?)json["tokens"]!.AsArray().Single()!["bot_name"]);
        Assert.Equal("den", (string?)json["rooms"]!.AsArray().Single()!["name"]);
        Assert.NotEmpty(json["sessions"]!.AsArray());
        Assert.DoesNotContain(token.Text, text, StringComparison.Ordinal);
        Assert.DoesNotContain("hash", text, StringComparison.Ordinal);
        Assert.DoesNotContain("bob's own", text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await bob.GetAsync(Download, Ct)).StatusCode);
        using var visitor = server.CreateClient();
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.GetAsync(Download, Ct)).StatusCode);
    }

    [Fact]
    public async Task The_file_may_be_fetched_for_a_week()
    {
        var clock = new ShiftedClock();
        await using var server = await TestServer.StartAsync(clock: clock);
        using var alice = await server.SignInAsync("alice");
        await alice.PostFormAsync("/settings/data/");
        await Eventually.TrueAsync(async () => (await alice.GetAsync(Download, Ct)).StatusCode == HttpStatusCode.OK);

        clock.Offset = TimeSpan.FromDays(7) + TimeSpan.FromMinutes(1);
        using var later = await server.SignInAsync("alice");
        using var gone = await later.GetAsync(Download, Ct);
        await server.App.Services.GetServices<IScheduledWork>().Single(work => work.Name == "old-exports").RunAsync(Ct);

        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Equal(0, await server.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM data_export_parts"), Ct));
    }

    [Fact]
    public async Task What_was_asked_for_is_made_by_the_process_that_works_also_after_another_died_over_it()
    {
        var directory = Directory.CreateTempSubdirectory("teahouse-test-").FullName;
        try
        {
            var database = await TestDatabase.SettingsForAsync(directory);
            await using (var web = await TestServer.StartAsync(database, directory, works: false))
            {
                using var asking = await web.SignInAsync("alice");
                await asking.PostFormAsync("/settings/data/");
                Assert.Contains("/settings/data/", await asking.GetStringAsync(Page, Ct), StringComparison.Ordinal);
                Assert.Equal(HttpStatusCode.NotFound, (await asking.GetAsync(Download, Ct)).StatusCode);
                // What one that died has left.
                await web.Get<Db>().WriteAsync(session => session.ExecuteAsync("INSERT INTO data_export_parts (export_id, part, content) SELECT id, 0, 'half' FROM data_exports"), Ct);
            }

            await using var server = await TestServer.StartAsync(database, directory);
            using var alice = await server.SignInAsync("alice");
            await Eventually.TrueAsync(async () => (await alice.GetAsync(Download, Ct)).StatusCode == HttpStatusCode.OK);
            Assert.Equal("alice", (string?)JsonNode.Parse(await alice.GetStringAsync(Download, Ct))!["profile"]!["username"]);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
