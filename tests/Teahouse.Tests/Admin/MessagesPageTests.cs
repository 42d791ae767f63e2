using Teahouse.Jobs;
using Teahouse.Messages;
using Teahouse.Storage;
using Teahouse.Tests.Support;
using Teahouse.Web;

namespace Teahouse.Tests.Admin;

/// <summary>What administrators find in all rooms, and what the server tells of itself.</summary>
[Trait("Speed", "Medium")]
public sealed class MessagesPageTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private TestServer Server => shared.Server;

    [Fact]
    public async Task A_message_is_found_by_text_author_room_and_time_and_removed_with_a_trace()
    {
        using var root = await Server.SignInAsync("root-messages", isAdmin: true);
        using var alice = await Server.SignInAsync("alice-messages");
        await alice.CreateRoomAsync("secrets", "private");
        using var said = await alice.PostFormAsync("/room/secrets/", ("content", "買一百斤高山烏龍 50%_off"));

        const string Found = "買一百斤高山烏龍";
        foreach (var query in new[] { "q=高山", "q=50%25_OFF", "q=高山&author=ALICE-messages&room=Secrets", "q=高山&from=2000-01-01&until=2999-01-01&state=present" })
        {
            Assert.Contains(Found, await root.SeeAsync($"/admin/messages/?{query}"), StringComparison.Ordinal);
        }
        foreach (var query in new[] { "q=低山", "q=50%25xoff", "q=高山&author=bob", "q=高山&room=elsewhere", "q=高山&until=2000-01-01", "q=高山&state=removed" })
        {
            Assert.Contains("沒有符合的訊息", await root.SeeAsync($"/admin/messages/?{query}"), StringComparison.Ordinal);
        }
        var id = await Server.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT m.id FROM messages m JOIN rooms r ON r.id = m.room_id WHERE r.name = 'secrets' AND m.kind = 'text'"), Ct);

        Assert.Contains("已移除 1 則訊息", await root.ActAsync("/admin/messages/", "remove", [id]), StringComparison.Ordinal);

        Assert.DoesNotContain(Found, await alice.SeeAsync("/room/secrets/"), StringComparison.Ordinal);
        Assert.DoesNotContain(Found, await root.SeeAsync("/admin/messages/?room=secrets"), StringComparison.Ordinal);
        Assert.Equal(["root-messages 127.0.0.1 secrets - -"], await Server.AuditAsync("message_removed", "secrets"));
        Assert.NotEmpty(await Server.AuditAsync("messages_read", "secrets"));
    }

    [Fact]
    public async Task When_the_time_is_over_the_search_says_how_far_it_came_and_goes_on_from_there()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        using var root = await server.SignInAsync("root", isAdmin: true);
        await root.CreateRoomAsync("long", "members");
        using var said = await root.PostFormAsync("/room/long/", ("content", "the needle"));
        // A long history behind it: 50,000 ids.
        await server.Get<Db>().WriteAsync(session => session.ExecuteAsync("""
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
            INSERT INTO messages (room_id, seq, rev, kind, author_name, is_guest, text, created_at)
            SELECT 1, i + 1000, i + 1000, 'text', 'crowd', FALSE, 'hay ' || i, 1700000000000 + i FROM n
            """), Ct);
        var search = server.Get<MessageSearch>();
        var filter = new MessageFilter("NEEDLE");

        var first = await search.FindAsync(filter, ListCut.First(51), TimeSpan.Zero, Ct);
        Assert.Empty(first.Rows);
        var rounds = 0;
        var next = first;
        while (next.LookedUntil is var (id, _))
        {
            next = await search.FindAsync(filter, new ListCut(id, IsNewer: false, 51), TimeSpan.Zero, Ct);
            Assert.True(++rounds < 5);
        }
        Assert.Equal("the needle", Assert.Single(next.Rows).Text);
        // With patience it is found at once, and from behind it what is newer.
        var found = Assert.Single((await search.FindAsync(filter, ListCut.First(51), MessageSearch.Patience, Ct)).Rows);
        var newer = await search.FindAsync(new MessageFilter("hay"), new ListCut(found.Id, IsNewer: true, 51), MessageSearch.Patience, Ct);
        Assert.Equal(51, newer.Rows.Count);
        Assert.Equal("hay 1", newer.Rows[^1].Text);
    }

    [Fact]
    public async Task Numbers_that_begin_anew_far_away_as_after_a_restore_take_no_time()
    {
        await using var server = await TestServer.StartAsync();
        using var root = await server.SignInAsync("root", isAdmin: true);
        await root.CreateRoomAsync("long", "members");
        using var before = await root.PostFormAsync("/room/long/", ("content", "before the hole"));
        await server.Get<Db>().WriteAsync(session => session.ExecuteAsync("UPDATE sqlite_sequence SET seq = seq + 100000000000 WHERE name = 'messages'"), Ct);
        using var after = await root.PostFormAsync("/room/long/", ("content", "after the hole"));
        var search = server.Get<MessageSearch>();

        var found = await search.FindAsync(new MessageFilter("hole"), ListCut.First(51), MessageSearch.Patience, Ct);

        Assert.Null(found.LookedUntil);
        Assert.Equal(["after the hole", "before the hole"], found.Rows.Select(row => row.Text));
    }

    [Fact]
    public async Task The_server_tells_its_state_and_how_scheduled_work_went()
    {
        await using var server = await TestServer.StartAsync([("JOBS_AFTER_SECONDS", "0.01")]);
        using var root = await server.SignInAsync("root", isAdmin: true);
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/plaza/");
        var store = server.Get<JobStore>();
        await store.NotePlanAsync("tidy-database", "0 17 4 * * ?");
        await store.NoteBeginAsync("tidy-database");
        await store.NoteEndAsync("tidy-database", JobOutcome.Failed, "TimeoutException");

        var page = await root.SeeAsync("/admin/state/");

        foreach (var text in new[] { server.Get<Db>().Description, Path.GetFileNameWithoutExtension(Repository.List("src/Teahouse/Storage/Migrations", ".sql").Order(StringComparer.Ordinal).Last()), "整理資料庫", "TimeoutException", "失敗", "舊式" })
        {
            Assert.Contains(text, page, StringComparison.Ordinal);
        }
        // The clock plans all work there is, and no plan hides how the work went.
        await Eventually.TrueAsync(async () => (await server.Get<JobQueries>().ListAsync(Ct)).Count >= 4);
        var tidy = (await server.Get<JobQueries>().ListAsync(Ct)).Single(job => job.Row.Name == "tidy-database");
        Assert.Equal(JobOutcome.Failed, tidy.Row.Outcome);
        Assert.True(tidy.Next > DateTimeOffset.UtcNow && tidy.Next < DateTimeOffset.UtcNow.AddDays(1.1));
    }
}
