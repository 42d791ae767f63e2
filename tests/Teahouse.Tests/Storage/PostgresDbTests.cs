using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Storage;

/// <summary>What a shared database promises that a file with one writer has for free.</summary>
[Trait("Speed", "Medium")]
public sealed class PostgresDbTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Writes_that_look_first_come_out_as_if_one_after_the_other()
    {
        await using var server = await StartAsync(await TestDatabase.CreateAsync());
        var db = server.Get<Db>();
        await db.WriteAsync(session => session.ExecuteAsync("INSERT INTO meta (name, value) VALUES ('n', '0')"), Ct);

        var seen = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => db.WriteAsync(async session =>
        {
            var before = int.Parse(await session.GetAsync<string>("SELECT value FROM meta WHERE name = 'n'"), System.Globalization.CultureInfo.InvariantCulture);
            await session.ExecuteAsync("UPDATE meta SET value = @value WHERE name = 'n'", new { value = $"{before + 1}" });
            return before;
        }, Ct)));

        Assert.Equal(Enumerable.Range(0, 40), seen.Order());
    }

    [Fact]
    public async Task A_write_that_fails_is_undone_and_tells_nobody()
    {
        await using var server = await StartAsync(await TestDatabase.CreateAsync());
        var db = server.Get<Db>();
        var told = false;

        await Assert.ThrowsAsync<InvalidOperationException>(() => db.WriteAsync<bool>(async session =>
        {
            session.AfterCommit(() => told = true);
            await session.ExecuteAsync("INSERT INTO meta (name, value) VALUES ('k', '')");
            throw new InvalidOperationException("mine");
        }, Ct));

        Assert.False(told);
        Assert.Equal(0, await db.ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM meta WHERE name = 'k'"), Ct));
    }

    [Fact]
    public async Task A_read_of_one_statement_writes_nothing_either()
    {
        await using var server = await StartAsync(await TestDatabase.CreateAsync());
        var db = server.Get<Db>();
        const string Count = "SELECT COUNT(*) FROM meta";
        var before = await db.GetAsync<long>(Count, null, Ct);

        await Assert.ThrowsAsync<RefusedException>(() => db.QueryAsync<string>("DELETE FROM meta RETURNING name", null, Ct));

        Assert.Equal("on", await db.FindAsync<string>("SHOW transaction_read_only", null, Ct));
        Assert.Equal(before, await db.GetAsync<long>(Count, null, Ct));
    }

    [Fact]
    public async Task A_read_sees_one_moment_and_writes_nothing()
    {
        await using var server = await StartAsync(await TestDatabase.CreateAsync());
        var db = server.Get<Db>();
        const string Count = "SELECT COUNT(*) FROM meta";

        var (before, after) = await db.ReadAsync(async session =>
        {
            var first = await session.GetAsync<long>(Count);
            await db.WriteAsync(other => other.ExecuteAsync("INSERT INTO meta (name, value) VALUES ('meanwhile', '')"), Ct);
            return (first, await session.GetAsync<long>(Count));
        }, Ct);

        Assert.Equal(before, after);
        Assert.Equal(before + 1, await db.ReadAsync(session => session.GetAsync<long>(Count), Ct));
        await Assert.ThrowsAnyAsync<Exception>(() => db.ReadAsync(session => session.ExecuteAsync("INSERT INTO meta (name, value) VALUES ('no', '')"), Ct));
    }

    [Fact]
    public async Task Nodes_that_start_at_once_on_an_empty_database_make_it_once()
    {
        var cluster = await TestDatabase.ClusterAsync();
        var url = cluster.UrlOf(await cluster.CreateDatabaseAsync());

        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
        {
            await using var app = Server.BuildParts([new("DATABASE_URL", url), new("Logging:LogLevel:Default", "Warning")]);
            var db = app.Services.GetRequiredService<Db>();
            await db.OpenAsync(Ct);
            return (db.Epoch, db.SetupCode);
        }));

        Assert.Single(opened.Distinct());
        Assert.NotEmpty(opened[0].Epoch);
        Assert.NotEmpty(opened[0].SetupCode);
    }

    [Fact]
    public async Task Any_node_knows_what_another_has_signed()
    {
        var url = await TestDatabase.CreateAsync();
        await using var first = await StartAsync(url);
        await using var second = await StartAsync(url);
        var cookies = new CookieContainer();
        using var atFirst = first.CreateClient(cookies);
        var token = await atFirst.GetTokenAsync("/setup/");
        foreach (Cookie cookie in cookies.GetCookies(first.Address))
        {
            cookies.Add(second.Address, new Cookie(cookie.Name, cookie.Value));
        }
        using var atSecond = second.CreateClient(cookies);

        // The form comes from one node and goes to the other; the session that the other begins is good on the first.
        using var made = await atSecond.PostAsync(new Uri("/setup/", UriKind.Relative), new FormUrlEncodedContent(
            [new("username", "alice"), new("password1", TestAccounts.Password), new("password2", TestAccounts.Password), new("csrfmiddlewaretoken", token)]), Ct);
        Assert.Equal("/", made.Headers.Location?.OriginalString);
        cookies.Add(first.Address, new Cookie("teahouse_session", cookies.GetCookies(second.Address)["teahouse_session"]!.Value));
        var me = await atFirst.GetFromJsonAsync<JsonObject>(new Uri("/api/v1/me", UriKind.Relative), Ct);

        Assert.Contains("alice", me!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sign_that_cannot_be_stored_is_refused_and_hurts_nobody_else()
    {
        await using var server = await StartAsync(await TestDatabase.CreateAsync());
        using var http = await server.CreateBotAsync("alice");
        using var searched = await http.GetAsync(new Uri("/api/v1/users?q=%00", UriKind.Relative), Ct);
        Assert.True((int)searched.StatusCode < 500);
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/r/", null);
        await socket.SendAsync(new { message = "first" });
        await socket.ReceiveAsync(frame => (string?)frame["message"] == "first");

        var sends = Enumerable.Range(0, 20).Select(i => http.PostAsJsonAsync(new Uri("/api/v1/rooms/r/messages", UriKind.Relative), new { message = $"{i}", nonce = i == 7 ? "a\0b" : $"n{i}" }, Ct));
        var answers = await Task.WhenAll(sends);

        Assert.Equal(Enumerable.Range(0, 20).Select(i => i == 7 ? HttpStatusCode.BadRequest : HttpStatusCode.Created), answers.Select(answer => answer.StatusCode));
        Assert.Equal(Enumerable.Range(1, 20).Select(seq => (long)seq), (await History.ReadAsync(server.Address, "r")).Select(message => (long)message["seq"]!));
    }

    // Groups prepare their statements on their connections, where errors must not make one answer another's; and a visitor's message goes by another statement than a user's.
    [Fact]
    public async Task Refused_ones_between_them_give_nobody_anothers_answer()
    {
        await using var server = await StartAsync(await TestDatabase.CreateAsync());
        using var http = await server.CreateBotAsync("alice");
        await using var visitor = await SocketClient.ConnectAsync(server, "/ws/chat/r/", SocketClient.V1);
        await visitor.SendAsync(new { type = "send", room = "r", message = "first", nonce = "first" });
        await visitor.ReceiveAsync("ack");
        const int Rounds = 12;
        const int Messages = 10;

        for (var round = 0; round < Rounds; round++)
        {
            var sends = Enumerable.Range(0, Messages).Select(i => PostAsync($"{round}:{i}", nonce: i == round % Messages ? "a\0b" : $"{round}:{i % 8}")).ToList();
            await visitor.SendAsync(new { type = "send", room = "r", message = $"visitor {round}", nonce = $"v{round}" });
            await visitor.ReceiveAsync(frame => (string?)frame["type"] == "ack" && (string?)frame["nonce"] == $"v{round}");
            foreach (var (text, status, answer) in await Task.WhenAll(sends))
            {
                // Nonces 0 and 1 come twice, each time with another text.
                Assert.True(status is HttpStatusCode.Created or HttpStatusCode.BadRequest or HttpStatusCode.Conflict, $"{status}");
                Assert.True(status != HttpStatusCode.Created || (string?)answer["message"] == text, answer.ToJsonString());
            }
        }

        var kept = await History.ReadAsync(server.Address, "r");
        Assert.Equal(Enumerable.Range(1, kept.Count).Select(seq => (long)seq), kept.Select(message => (long)message["seq"]!));
        Assert.Equal(Rounds, kept.Count(message => ((string)message["message"]!).StartsWith("visitor ", StringComparison.Ordinal)));
        var seen = await http.GetFromJsonAsync<JsonObject>(new Uri("/api/v1/rooms/r", UriKind.Relative), Ct);
        Assert.Equal(kept.Count(message => (long)message["seq"]! > (long)seen!["last_read_seq"]! && (string)message["user"]! != "alice"), (long)seen!["unread"]!);

        async Task<(string, HttpStatusCode, JsonObject)> PostAsync(string text, string nonce)
        {
            using var answer = await http.PostAsJsonAsync(new Uri("/api/v1/rooms/r/messages", UriKind.Relative), new { message = text, nonce }, Ct);
            return (text, answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonObject>(Ct))!);
        }
    }

    [Fact]
    public async Task What_one_socket_sends_without_waiting_keeps_its_order_and_reaches_readers_in_it()
    {
        const int Rooms = 3;
        const int Messages = 150;
        await using var server = await StartAsync(await TestDatabase.CreateAsync());
        // The rooms do not exist yet: their first messages make them.
        var talks = await Task.WhenAll(Enumerable.Range(0, Rooms).Select(async room =>
        {
            var reader = await SocketClient.ConnectAsync(server, $"/ws/chat/r{room}/", SocketClient.V1);
            await reader.ReceiveAsync("subscribed");
            var sender = await SocketClient.ConnectAsync(server, $"/ws/chat/r{room}/");
            return (room, reader, sender);
        }));

        await Task.WhenAll(talks.Select(async talk =>
        {
            for (var i = 0; i < Messages; i++)
            {
                await talk.sender.SendAsync(new { message = $"{i}" });
            }
        }));

        foreach (var (room, reader, sender) in talks)
        {
            List<string> live = [];
            while (live.Count < Messages)
            {
                live.Add((string)(await reader.ReceiveAsync("message"))["message"]!);
            }
            var expected = Enumerable.Range(0, Messages).Select(i => $"{i}").ToList();
            Assert.Equal(expected, live);
            var kept = await History.ReadAsync(server.Address, $"r{room}");
            Assert.Equal(expected, kept.Select(message => (string)message["message"]!));
            Assert.Equal(kept.Select(message => (long)message["id"]!).Order(), kept.Select(message => (long)message["id"]!));
            await reader.DisposeAsync();
            await sender.DisposeAsync();
        }
    }

    [Fact]
    public async Task Authors_of_many_messages_at_once_have_read_their_own_and_nobody_elses()
    {
        await using var server = await StartAsync(await TestDatabase.CreateAsync());
        using var alice = await server.CreateBotAsync("alice");
        using var bob = await server.CreateBotAsync("bob");
        var room = new Uri("/api/v1/rooms/r/messages", UriKind.Relative);
        using var opened = await server.CreateBotAsync("owner");
        (await opened.PostAsJsonAsync(new Uri("/api/v1/rooms", UriKind.Relative), new { name = "r", access = "members" }, Ct)).EnsureSuccessStatusCode();

        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => (i % 3 == 0 ? bob : alice).PostAsJsonAsync(room, new { message = $"{i}" }, Ct)));

        var kept = await History.ReadAsync(alice, "r");
        foreach (var (http, name) in new[] { (alice, "alice"), (bob, "bob") })
        {
            var seen = await http.GetFromJsonAsync<JsonObject>(new Uri("/api/v1/rooms/r", UriKind.Relative), Ct);
            var read = (long)seen!["last_read_seq"]!;
            // Who has said nothing before the others joins at their own first message; what others said after the mark is unread.
            Assert.Equal(kept.Count(message => (long)message["seq"]! > read && (string)message["user"]! != name), (long)seen["unread"]!);
            Assert.Equal("member", (string?)seen["role"]);
        }
    }

    [Fact]
    public async Task Names_sort_by_their_signs_as_on_the_other_database()
    {
        await using var server = await StartAsync(await TestDatabase.CreateAsync());
        foreach (var name in (string[])["z", "a-b", "a_b", "ab", "é", "茶"])
        {
            await server.AddUserAsync("user" + name);
        }
        using var http = await server.CreateBotAsync("reader");

        var found = await http.GetFromJsonAsync<JsonObject>(new Uri("/api/v1/users?q=USER", UriKind.Relative), Ct);

        Assert.Equal(["usera-b", "usera_b", "userab", "userz", "useré", "user茶"], found!["users"]!.AsArray().Select(user => (string)user!["username"]!));
    }

    private static Task<TestServer> StartAsync(string url) => TestServer.StartAsync([("DATABASE_URL", url), .. SharedServer.NoLimits]);
}
