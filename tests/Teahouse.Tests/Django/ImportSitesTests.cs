using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Teahouse.Django;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Django;

/// <summary>Several sites into one, each known again; and what of a site's data can't be taken as it is.</summary>
[Trait("Database", "Both"), Trait("Speed", "Medium")]
public sealed class ImportSitesTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("teahouse-test-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    /// <summary>Without a table of migrations that is filled, and with one that was filled in the same moment.</summary>
    [Theory, InlineData(null), InlineData("2024-01-01 00:00:00.5")]
    public async Task Two_sites_are_told_apart_though_their_ids_are_the_same(string? migrated)
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        var (a, b) = (new PlainSite(), new PlainSite());
        if (migrated is not null)
        {
            a.Migrated(migrated);
            b.Migrated(migrated);
        }
        var one = a.User("amy").User("ann").Say("tea", 1, "of amy", "2024-02-01 10:00:00").Say("tea", 2, "of ann", "2024-02-01 10:01:00").Write(File("a"));
        var two = b.User("bill").User("ben").User("bea").Say("tea", 1, "of bill", "2024-02-01 10:00:30").Say("tea", 2, "of ben", "2024-02-01 10:02:00").Write(File("b"));

        var first = await ImportAsync(server, one);
        var second = await ImportAsync(server, two);

        Assert.Equal((2, 2, 3, 2), (first.UsersNew, first.Messages, second.UsersNew, second.Messages));
        Assert.NotEqual(first.Source, second.Source);
        Assert.Equal([("amy", "of amy"), ("ann", "of ann")], await SaidAsync(server, "tea"));
        Assert.Equal([("bill", "of bill"), ("ben", "of ben")], await SaidAsync(server, "tea-2"));
        foreach (var (path, source) in ((string, string)[])[(one, first.Source), (two, second.Source)])
        {
            var again = await ImportAsync(server, path);
            Assert.Equal((source, 0, 0, 0), (again.Source, again.UsersNew, again.RoomsNew, again.Messages));
        }
    }

    [Fact]
    public async Task A_site_of_guests_only_is_known_by_what_was_said()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        var one = new PlainSite().Say("tea", null, "here", "2024-02-01 10:00:00");
        await ImportAsync(server, one.Write(File("a")));

        var other = await ImportAsync(server, new PlainSite().Say("tea", null, "there", "2024-02-01 09:00:00").Write(File("b")));
        var again = await ImportAsync(server, one.Say("tea", null, "later", "2024-02-01 10:01:00").Write(File("a")));

        Assert.Equal((1, 1), (other.Messages, again.Messages));
        Assert.Equal(["here", "later"], (await SaidAsync(server, "tea")).Select(each => each.Text));
    }

    [Fact]
    public async Task What_was_edited_or_lost_its_author_makes_no_other_site()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        var site = new PlainSite().User("root").User("amy").User("ann").User("may").User("eve")
            .Say("tea", 1, "x", "2024-02-01 10:00:00").Say("lobby", 2, "y", "2024-02-01 10:01:00").Say("den", 2, "z", "2024-02-01 10:02:00");
        var first = await ImportAsync(server, site.Write(File("a")));

        var second = await ImportAsync(server, site.Edit(1, "x, edited").Delete(2).Write(File("a")));

        Assert.Equal((first.Source, 0, 0, 0), (second.Source, second.UsersNew, second.RoomsNew, second.Messages));
        // As taken before marks had a part that stays, and as of a site where the time is that of the last change.
        foreach (var mark in (string[])["'0123456789abcdef'", "'0123456789abcdef0123456789abcdef'"])
        {
            await server.Get<Db>().WriteAsync(session => session.ExecuteAsync($"UPDATE imports SET mark = {mark} WHERE kind <> 'user'"), Ct);
            var again = await ImportAsync(server, File("a"));
            Assert.Equal((first.Source, 0, 0, 0), (again.Source, again.UsersNew, again.RoomsNew, again.Messages));
        }
    }

    [Fact]
    public async Task A_site_of_guests_only_is_known_though_what_was_said_last_was_edited()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        var site = new PlainSite().Say("tea", null, "x", "2024-02-01 10:00:00");
        var first = await ImportAsync(server, site.Write(File("a")));

        var second = await ImportAsync(server, site.Edit(1, "y").Write(File("a")));

        Assert.Equal((first.Source, 0), (second.Source, second.Messages));
    }

    [Fact]
    public async Task Sites_that_were_set_up_with_the_same_account_are_told_apart()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        var one = new PlainSite().User("root").Say("tea", null, "here", "2024-02-01 10:00:00").Write(File("a"));
        var two = new PlainSite().User("root").Say("tea", null, "there", "2024-02-01 10:00:30").Write(File("b"));
        var first = await ImportAsync(server, one);

        var second = await ImportAsync(server, two);

        Assert.Equal((0, 1), (second.UsersNew, second.Messages));
        Assert.NotEqual(first.Source, second.Source);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Two_people_of_one_site_do_not_become_one_account(bool merges)
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        if (merges)
        {
            await server.AddUserAsync("bob");
        }
        else
        {
            // Of another site of the same operator.
            await ImportAsync(server, new PlainSite().User("bob", "2023-01-01 00:00:00").Write(File("other")));
        }
        var site = new PlainSite().User("bob").User("Bob").Say("tea", 1, "of bob", "2024-02-01 10:00:00").Say("tea", 2, "of Bob", "2024-02-01 10:01:00");

        var dry = await ImportAsync(server, site.Write(File("a")), isDry: true, merges);
        var report = await ImportAsync(server, File("a"), merges: merges);
        var again = await ImportAsync(server, site.User("BOB").Write(File("a")), merges: merges);

        Assert.Equal(dry.Notes, report.Notes);
        Assert.Equal((1, 1), (report.UsersKnown, report.UsersNew));
        Assert.Contains("Bob: imported as Bob-2, because the name is taken or not allowed here", report.Notes);
        Assert.Equal([("bob", "of bob"), ("Bob-2", "of Bob")], await SaidAsync(server, "tea"));
        Assert.Equal((2, 1), (again.UsersKnown, again.UsersNew));
    }

    [Fact]
    public async Task A_copy_made_by_loaddata_is_the_same_site()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        var first = await ImportAsync(server, new PlainSite().Migrated("2023-01-01 00:00:00").User("amy").Say("tea", 1, "x", "2024-02-01 10:00:00.123456").Write(File("a")));

        // Migrated anew, and the times cut to milliseconds.
        var copy = new PlainSite().Migrated("2026-01-01 00:00:00").User("amy", "2024-01-01 00:00:00.123").Say("tea", 1, "x", "2024-02-01 10:00:00.123").Say("tea", 1, "y", "2024-02-02 10:00:00");
        var second = await ImportAsync(server, copy.Write(File("b")));

        Assert.Equal((first.Source, 0, 0, 1), (second.Source, second.UsersNew, second.RoomsNew, second.Messages));
    }

    [Theory, InlineData(null), InlineData("2023-01-01 00:00:00")]
    public async Task What_was_taken_before_accounts_had_marks_is_known_again(string? migrated)
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        var site = new PlainSite().User("amy").Say("tea", 1, "x", "2024-02-01 10:00:00");
        if (migrated is not null)
        {
            site.Migrated(migrated);
        }
        var path = site.Write(File("a"));
        await ImportAsync(server, path);
        string old;
        using (var file = new DjangoFile(path, TimeZoneInfo.Utc))
        {
            old = file.OldSource;
        }
        await server.Get<Db>().WriteAsync(session => session.ExecuteAsync("UPDATE imports SET source = @old, mark = NULL", new { old }), Ct);

        var other = await ImportAsync(server, new PlainSite().User("bill", "2024-03-01 00:00:00").Write(File("b")));
        var again = await ImportAsync(server, path);

        Assert.Equal((1, old, 0, 0), (other.UsersNew, again.Source, again.UsersNew, again.Messages));
    }

    [Fact]
    public async Task Older_history_keeps_its_times_in_a_room_of_its_own()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        using var bot = await server.CreateBotAsync("alice");
        (await bot.PostAsJsonAsync("/api/v1/rooms", new { name = "tea", access = "guests" }, Ct)).EnsureSuccessStatusCode();
        (await bot.PostAsJsonAsync("/api/v1/rooms/tea/messages", new { message = "now" }, Ct)).EnsureSuccessStatusCode();
        var path = new PlainSite().Say("tea", null, "long ago", "2024-02-01 10:00:00").Write(File("a"));

        var dry = await ImportAsync(server, path, isDry: true);
        await ImportAsync(server, path);

        Assert.Contains("room tea: imported as tea-2, because what was said in the room of that name here is newer", dry.Notes);
        Assert.StartsWith("2024-02-01T", (string?)(await History.ReadAsync(server.Address, "tea-2")).Single()["timestamp"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Times_that_cannot_be_are_replaced_and_said()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        var path = new PlainSite().User("amy", "whenever")
            .Say("r", null, "minutes", "2025-02-01 10:00").Say("R", null, "unreadable", "last week").Say("r", null, "future", "2199-01-01 00:00:00").Say("r", null, "after", "2025-02-01 10:05:00").Write(File("a"));

        var report = await ImportAsync(server, path);
        var read = await History.ReadAsync(server.Address, "r");

        Assert.Equal(["minutes", "unreadable", "after", "future"], read.Select(message => (string)message["message"]!));
        var times = read.Select(message => DateTimeOffset.Parse((string)message["timestamp"]!, null)).ToList();
        Assert.Equal(["10:00", "10:00", "10:05"], times[..3].Select(at => at.ToUniversalTime().ToString("HH:mm", null)));
        Assert.InRange(times[3], DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow);
        foreach (var note in (string[])["rooms R, r: one room here", "chat_chatmessage 2 in R: its time can't be read", "chat_chatmessage 3 in R: its time lies in the future", "amy: the date of joining there is none that can be read"])
        {
            Assert.Contains(report.Notes, line => line.StartsWith(note, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_damaged_file_is_said_in_one_line()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        var site = new PlainSite();
        for (var i = 0; i < 2000; i++)
        {
            site.Say("tea", null, new string('x', 50), "2024-02-01 10:00:00");
        }
        var path = site.Write(File("a"));
        await using (var file = new FileStream(path, FileMode.Open))
        {
            // The header and the tables' definitions are whole.
            file.Position = file.Length / 2;
            file.Write(new byte[(int)(file.Length / 2)].AsSpan());
        }

        var damaged = await Assert.ThrowsAsync<ImportException>(() => ImportAsync(server, path));

        Assert.StartsWith($"{path} can't be read: ", damaged.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', damaged.Message);
    }

    private string File(string name) => Path.Combine(_data, name + ".sqlite3");

    private static async Task<ImportReport> ImportAsync(TestServer server, string path, bool isDry = false, bool merges = false)
    {
        await using var scope = server.App.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ImportDjango>().ExecuteAsync(new ImportDjangoInput(path, TimeZoneInfo.Utc, isDry, merges), "test", (_, _) => { }, Ct);
    }

    private static async Task<IEnumerable<(string User, string Text)>> SaidAsync(TestServer server, string room) =>
        (await History.ReadAsync(server.Address, room)).Select(message => ((string)message["user"]!, (string)message["message"]!));
}
