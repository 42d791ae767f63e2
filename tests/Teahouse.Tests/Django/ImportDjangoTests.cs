using System.Net;
using System.Text.Json.Nodes;
using Teahouse.Accounts;
using Teahouse.Client;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Django;

/// <summary>Taking over a Django site, while the new one runs.</summary>
[Trait("Database", "Both"), Trait("Speed", "Slow")]
public sealed class ImportDjangoTests : IDisposable
{
    private const string Counts = "SELECT (SELECT COUNT(*) FROM users) || ' ' || (SELECT COUNT(*) FROM rooms) || ' ' || (SELECT COUNT(*) FROM messages) || ' ' || (SELECT COUNT(*) FROM memberships) || ' ' || (SELECT COUNT(*) FROM projects)";

    private readonly string _data = Directory.CreateTempSubdirectory("teahouse-test-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Old => Path.Combine(_data, "old.sqlite3");

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Everything_comes_along_and_once_only()
    {
        await OldSite.BuildAsync(Old, "ABE");
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits, _data);
        await server.AddUserAsync("bob");
        var before = await CountAsync(server);

        var (dry, planned) = await RunAsync("--dry-run");

        Assert.True(dry == 0, planned);
        Assert.Equal(before, await CountAsync(server));
        var (exitCode, output) = await RunAsync();
        Assert.True(exitCode == 0, output);
        // It did what it had said.
        Assert.Equal(planned.Replace("Would import", "Imported", StringComparison.Ordinal), output);
        await CheckAccountsAsync(server, output);
        await CheckRoomsAsync(server, output);
        await CheckChatsAsync(server, output);

        var imported = await CountAsync(server);
        var (again, nothing) = await RunAsync();
        Assert.True(again == 0, nothing);
        Assert.Contains("accounts: 0 new, 9 known", nothing, StringComparison.Ordinal);
        Assert.Contains("messages: 0 new, 0 not taken", nothing, StringComparison.Ordinal);
        Assert.Equal(imported, await CountAsync(server));
    }

    [Fact]
    public async Task What_was_said_there_since_is_added_and_open_pages_see_it()
    {
        await OldSite.BuildAsync(Old, "ABE");
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits, _data);
        var (first, output) = await RunAsync();
        Assert.True(first == 0, output);
        await using var client = new TeahouseClient(new TeahouseClientOptions { Server = server.Address, Cookie = (await server.SignInCookiesAsync("alice")).GetCookieHeader(server.Address) });
        var open = new RoomReader(await client.JoinAsync("tea", Ct));
        await open.ReachAsync(3);
        using var alice = await server.SignInAsync("alice");
        var chat = (await ChatAsync(alice))!;
        Assert.Equal(2, (int)(await alice.PollChatListAsync())["unread"]!);

        await OldSite.BuildAsync(Old, "ABE", "2");
        await client.SendAsync("tea", "said here meanwhile", Ct);
        var (second, added) = await RunAsync("--json");

        Assert.True(second == 0, added);
        var report = JsonNode.Parse(added)!;
        Assert.Equal((0, 4, 1), ((int)report["users_new"]!, (int)report["messages"]!, (int)report["rooms_new"]!));
        await open.ReachAsync(5);
        Assert.Equal(["早安", "morning\nall", "bye", "said here meanwhile", "later, too"], open.Texts);
        // Numbers and times only go up.
        Assert.Equal(Enumerable.Range(1, 5).Select(seq => (long)seq), open.Messages.Select(message => message.Seq));
        Assert.Equal(["還在嗎？", "在", "多少錢？", "？", "answer"], (await History.ReadAsync(alice, chat)).Select(message => (string)message["message"]!));
        Assert.Equal(0, (int)(await alice.PollChatListAsync())["unread"]!);
        Assert.Equal("a room of its own", (string)(await History.ReadAsync(server.Address, "new_room")).Single()["message"]!);
    }

    [Fact]
    public async Task Times_of_a_site_without_zones_are_of_the_zone_that_is_given()
    {
        await OldSite.BuildAsync(Old, "E", "naive");
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits, _data);

        var (exitCode, output) = await RunAsync("--time-zone", "Asia/Taipei");

        Assert.True(exitCode == 0, output);
        using var alice = await server.SignInAsync("alice");
        Assert.StartsWith("2024-05-01T09:00:00.123", (string?)(await History.ReadAsync(alice, "tea"))[0]["timestamp"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_somebody_here_has_is_theirs_unless_they_are_said_to_be_the_same()
    {
        await OldSite.BuildAsync(Old, "A");
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits, _data);
        await server.AddUserAsync("ALICE");

        var (exitCode, output) = await RunAsync("--merge");

        Assert.True(exitCode == 0, output);
        Assert.Contains("alice: taken as the account of this name that is here", output, StringComparison.Ordinal);
        using var alice = await server.SignInAsync("ALICE");
        Assert.NotNull(await ChatAsync(alice));
    }

    [Fact]
    public async Task What_is_no_such_file_is_said()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits, _data);
        var (missing, none) = await RunAsync();
        Assert.Equal((1, true), (missing, none.Contains("There is no file", StringComparison.Ordinal)));
        await File.WriteAllTextAsync(Old, new string('x', 5000), Ct);
        var (broken, noDatabase) = await RunAsync();
        Assert.Equal((1, true), (broken, noDatabase.Contains("can't be read", StringComparison.Ordinal)));
        File.Delete(Old);
        await OldSite.BuildAsync(Old, "none of them");

        var (other, unknown) = await RunAsync();

        Assert.Equal((1, true), (other, unknown.Contains("none of the systems that can be imported", StringComparison.Ordinal)));
    }

    private static async Task CheckAccountsAsync(TestServer server, string output)
    {
        Assert.Equal(HttpStatusCode.Redirect, await LoginAsync(server, "alice", "alice's old secret"));
        var hash = await server.Get<Db>().ReadAsync(session => session.GetAsync<string>("SELECT password_hash FROM users WHERE username_key = 'alice'"), Ct);
        Assert.DoesNotContain("pbkdf2", hash, StringComparison.Ordinal);
        Assert.Equal("alice@example.org", (await server.Get<AccountQueries>().FindByKeyAsync("alice", Ct))!.Email);
        Assert.Equal(HttpStatusCode.Redirect, await LoginAsync(server, "alice", "alice's old secret"));
        Assert.Equal(HttpStatusCode.BadRequest, await LoginAsync(server, "alice", "alice's old Secret"));
        // The name was taken: nobody gets into somebody else's account, from either side.
        Assert.Equal(HttpStatusCode.BadRequest, await LoginAsync(server, "bob", "bob's old secret"));
        Assert.Equal(HttpStatusCode.Redirect, await LoginAsync(server, "bob-2", "bob's old secret"));
        Assert.Equal(HttpStatusCode.Redirect, await LoginAsync(server, "Alice-2", "Alice's old secret"));
        Assert.Equal(HttpStatusCode.Redirect, await LoginAsync(server, "two_words", "two words' old secret"));
        Assert.Equal(HttpStatusCode.BadRequest, await LoginAsync(server, "gone", "gone's old secret"));
        Assert.Equal(HttpStatusCode.BadRequest, await LoginAsync(server, "md5er", "password"));
        foreach (var (name, status) in ((string, HttpStatusCode)[])[("root", HttpStatusCode.OK), ("staff", HttpStatusCode.OK), ("alice", HttpStatusCode.NotFound)])
        {
            using var browser = await server.SignInAsync(name);
            Assert.Equal(status, (await browser.GetAsync(new Uri("/admin/sinks/", UriKind.Relative), Ct)).StatusCode);
        }
        foreach (var line in (string[])["bob: imported as bob-2", "Alice: imported as Alice-2", "two words: imported as two_words", "nopass: has no password", "md5er: the password's hash is of a kind not known", "staff: staff there, administrator here", "gone: not active there"])
        {
            Assert.Contains(line, output, StringComparison.Ordinal);
        }
    }

    private static async Task CheckRoomsAsync(TestServer server, string output)
    {
        using var alice = await server.SignInAsync("alice");
        var tea = await History.ReadAsync(alice, "tea");
        Assert.Equal([("alice", "早安"), ("bob-2", "morning\nall"), ("gone", "bye")], tea.Select(message => ((string)message["user"]!, (string)message["message"]!)));
        Assert.StartsWith("2024-05-01T09:00:00.123", (string?)tea[0]["timestamp"], StringComparison.Ordinal);
        using var stranger = server.CreateClient();
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync(new Uri("/api/v1/rooms/tea/messages", UriKind.Relative), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await alice.GetAsync(new Uri("/room/tea/settings/", UriKind.Relative), Ct)).StatusCode);

        // The members' room of the same name was there first.
        var lobby = await History.ReadAsync(stranger, "lobby-2");
        Assert.Equal([("alice", "first, written last"), ("bob-2", "second"), ("未登入用戶", "from nobody"), ("user-999", "whose is this?")],
            lobby.Select(message => ((string)message["user"]!, (string)message["message"]!)));
        Assert.Equal([1, 2, 3, 4], lobby.Select(message => (int)message["seq"]!));
        Assert.Equal("a name that is none here", (string)(await History.ReadAsync(stranger, "茶-館")).Single()["message"]!);
        foreach (var line in (string[])["chat_chatmessage 4 in Lobby: empty_message", "chat_chatmessage 5 in Lobby: too_long", "account 999 is not in the file", "room 茶 館!: imported as 茶-館"])
        {
            Assert.Contains(line, output, StringComparison.Ordinal);
        }
        Assert.Contains("messages: 12 new, 2 not taken", output, StringComparison.Ordinal);
    }

    private static async Task CheckChatsAsync(TestServer server, string output)
    {
        using var alice = await server.SignInAsync("alice");
        using var bob = await server.SignInAsync("bob-2");
        using var stranger = await server.SignInAsync("bob");
        var chat = (await ChatAsync(alice))!;
        Assert.Equal(["還在嗎？", "在", "多少錢？", "？"], (await History.ReadAsync(bob, chat)).Select(message => (string)message["message"]!));
        Assert.Equal(2, (int)(await alice.PollChatListAsync())["unread"]!);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync(new Uri($"/api/v1/rooms/{chat}/messages", UriKind.Relative), Ct)).StatusCode);
        Assert.Contains("一輛腳踏車", await alice.GetStringAsync(new Uri("/projects/bike/", UriKind.Relative), Ct), StringComparison.Ordinal);
        Assert.Contains("project new: imported as new-2", output, StringComparison.Ordinal);
        Assert.Contains("chat 2, 1 messages: its visitor is the project's own proposer", output, StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output)> RunAsync(params string[] more) => RunAsync(_data, ["import", "django", "--database", Old, .. more]);

    private static async Task<(int ExitCode, string Output)> RunAsync(string data, string[] arguments) =>
        await ProgramProcess.RunAsync(arguments, null, [("DATA_DIR", data), .. await TestDatabase.SettingsForAsync(data)]);

    private static Task<string> CountAsync(TestServer server) => server.Get<Db>().ReadAsync(session => session.GetAsync<string>(Counts), Ct);

    private static async Task<string?> ChatAsync(HttpClient owner) => (string?)(await owner.PollChatListAsync())["chats"]![0]!["room"];

    private static async Task<HttpStatusCode> LoginAsync(TestServer server, string name, string password)
    {
        using var browser = server.CreateClient();
        using var answer = await browser.PostFormAsync("/login/", ("username", name), ("password", password));
        return answer.StatusCode;
    }
}

file static class ChatList
{
    /// <summary>The chats of the project <c>bike</c>, and how many messages its owner has not read.</summary>
    public static async Task<JsonObject> PollChatListAsync(this HttpClient owner)
    {
        var answer = JsonNode.Parse(await owner.GetStringAsync(new Uri("/api/v1/projects/bike/chats", UriKind.Relative), TestContext.Current.CancellationToken))!.AsObject();
        answer["unread"] = answer["chats"]!.AsArray().Sum(chat => (int)chat!["unread"]!);
        return answer;
    }
}
