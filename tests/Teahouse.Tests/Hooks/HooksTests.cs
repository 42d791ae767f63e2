using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Hooks;

/// <summary>Incoming webhooks from outside: as a notifier, as Slack's own client, as the room's owner.</summary>
[Trait("Database", "Both"), Trait("Speed", "Medium")]
public sealed class HooksTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"text":"三點 <https://a.example|開會>"}""", "application/json")]
    [InlineData("""{"text":"三點 <https://a.example|開會>"}""", "text/plain")]
    [InlineData("payload=%7B%22text%22%3A%22%E4%B8%89%E9%BB%9E%20%3Chttps%3A%2F%2Fa.example%7C%E9%96%8B%E6%9C%83%3E%22%7D", "application/x-www-form-urlencoded")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"payload\"\r\n\r\n{\"text\":\"三點 <https://a.example|開會>\"}\r\n--b--\r\n", "multipart/form-data; boundary=b")]
    public async Task A_notifier_is_answered_ok_and_read_in_the_room(string body, string type)
    {
        await using var server = await TestServer.StartAsync();
        using var admin = await PrepareAsync(server);
        var path = await MakeAsync(admin, "報時鳥");
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/den/", SocketClient.V1, await server.SignInCookiesAsync("alice"));
        await socket.ReceiveAsync("subscribed");
        using var notifier = server.CreateClient();

        Assert.Equal((200, "ok"), await CallAsync(notifier, path, body, type));

        var message = await socket.ReceiveAsync("message");
        Assert.Equal(("三點 開會 (https://a.example)", "報時鳥", true, false), ((string?)message["message"], (string?)message["user"], (bool?)message["bot"], (bool?)message["guest"]));
    }

    [Fact]
    public async Task Refusals_are_worded_as_Slack_words_them()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = await PrepareAsync(server);
        var path = await MakeAsync(admin, "bot");
        using var notifier = server.CreateClient();

        Assert.Equal((400, "invalid_payload"), await CallAsync(notifier, path, "{", "application/json"));
        Assert.Equal((400, "invalid_payload"), await CallAsync(notifier, path, "[]", "application/json"));
        Assert.Equal((400, "invalid_payload"), await CallAsync(notifier, path, "", "application/json"));
        Assert.Equal((400, "invalid_payload"), await CallAsync(notifier, path, "text=x", "application/x-www-form-urlencoded"));
        Assert.Equal((400, "invalid_payload"), await CallAsync(notifier, path, """{"text":"\ud800"}""", "application/json"));
        Assert.Equal((400, "no_text"), await CallAsync(notifier, path, "{}", "application/json"));
        Assert.Equal((400, "no_text"), await CallAsync(notifier, path, """{"text":" "}""", "application/json"));
        Assert.Equal((404, "no_service"), await CallAsync(notifier, "/hooks/wrong", """{"text":"x"}""", "application/json"));
        using var archived = await admin.PatchAsJsonAsync("/api/v1/rooms/den", new { archived = true }, Ct);
        Assert.Equal((410, "channel_is_archived"), await CallAsync(notifier, path, """{"text":"x"}""", "application/json"));
    }

    [Fact]
    public async Task Colours_of_a_terminal_do_not_lose_a_message()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = await PrepareAsync(server);
        var path = await MakeAsync(admin, "bot");
        using var notifier = server.CreateClient();

        var answer = await CallAsync(notifier, path, """{"text":"\u001b]0;build 7\u0007\u001b[31mred\u001b[0m log\u0007\r\nsecond\tline \u001b🍵"}""", "application/json");

        Assert.Equal((200, "ok"), answer);
        var page = await admin.GetFromJsonAsync<JsonObject>("/api/v1/rooms/den/messages?limit=1", Ct);
        Assert.Equal("red log\r\nsecond\tline 🍵", (string?)page!["messages"]![0]!["message"]);
    }

    [Fact]
    public async Task A_name_that_is_a_users_is_not_taken()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("bob");
        using var admin = await PrepareAsync(server);
        var path = await MakeAsync(admin, "bot");
        using var notifier = server.CreateClient();

        await CallAsync(notifier, path, """{"text":"1","username":"BOB"}""", "application/json");
        await CallAsync(notifier, path, """{"text":"2","username":"bоb"}""", "application/json");
        await CallAsync(notifier, path, """{"text":"3","username":"Jenkins"}""", "application/json");
        using var taken = await admin.PostAsJsonAsync("/api/v1/rooms/den/hooks", new { name = "bob" }, Ct);

        var page = await admin.GetFromJsonAsync<JsonObject>("/api/v1/rooms/den/messages?limit=3", Ct);
        Assert.Equal(["bot", "bot", "Jenkins"], page!["messages"]!.AsArray().Select(message => (string?)message!["user"]));
        Assert.Equal(HttpStatusCode.Forbidden, taken.StatusCode);
    }

    [Fact]
    public async Task A_long_text_is_cut_and_not_lost()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_MESSAGE_CHARS", "10")]);
        using var admin = await PrepareAsync(server);
        var path = await MakeAsync(admin, "bot");
        using var notifier = server.CreateClient();

        Assert.Equal((200, "ok"), await CallAsync(notifier, path, """{"text":"🍵🍵🍵🍵🍵🍵🍵🍵🍵🍵🍵🍵"}""", "application/json"));

        var page = await admin.GetFromJsonAsync<JsonObject>("/api/v1/rooms/den/messages?limit=1", Ct);
        Assert.Equal("🍵🍵🍵🍵🍵🍵🍵🍵🍵…", (string?)page!["messages"]![0]!["message"]);
    }

    [Fact]
    public async Task Too_many_calls_are_told_when_to_come_back_and_do_not_touch_the_owner()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_MESSAGES_PER_SECOND", "1"), ("LIMIT_MESSAGES_PER_SECOND_BURST", "2")]);
        using var admin = await PrepareAsync(server);
        var path = await MakeAsync(admin, "bot");
        using var notifier = server.CreateClient();

        // Together: one alone may take so long that its share is there again when the next one comes.
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => CallAsync(notifier, path, """{"text":"x"}""", "application/json")));

        Assert.Contains((429, "rate_limited"), answers);
        Assert.All(answers, answer => Assert.True(answer is (200, "ok") or (429, "rate_limited"), $"{answer}"));
        using var own = await admin.PostAsJsonAsync("/api/v1/rooms/den/messages", new { message = "x" }, Ct);
        Assert.Equal(HttpStatusCode.Created, own.StatusCode);
    }

    [Fact]
    public async Task Only_owners_and_moderators_make_list_and_revoke_them()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = await PrepareAsync(server);
        using var bob = await server.CreateBotAsync("bob", "admin");
        using var added = await admin.PutAsync("/api/v1/rooms/den/members/bob", null, Ct);
        using var writer = await server.CreateBotAsync("alice", "write");
        using var stranger = await server.CreateBotAsync("carol", "admin");
        var path = await MakeAsync(admin, "bot");
        var listed = await admin.GetFromJsonAsync<JsonObject>("/api/v1/rooms/den/hooks", Ct);
        var hook = Assert.Single(listed!["hooks"]!.AsArray())!;
        Assert.DoesNotContain(path["/hooks/".Length..], listed.ToJsonString(), StringComparison.Ordinal);

        foreach (var (client, status) in new[] { (bob, 403), (writer, 403), (stranger, 404) })
        {
            Assert.Equal(status, (int)(await client.GetAsync("/api/v1/rooms/den/hooks", Ct)).StatusCode);
            Assert.Equal(status, (int)(await client.PostAsJsonAsync("/api/v1/rooms/den/hooks", new { name = "x" }, Ct)).StatusCode);
            Assert.Equal(status, (int)(await client.DeleteAsync($"/api/v1/rooms/den/hooks/{hook["id"]}", Ct)).StatusCode);
        }

        using var revoked = await admin.DeleteAsync($"/api/v1/rooms/den/hooks/{hook["id"]}", Ct);
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        Assert.Equal((404, "no_service"), await CallAsync(admin, path, """{"text":"x"}""", "application/json"));
    }

    [Fact]
    public async Task The_rooms_page_makes_and_revokes_them()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = await PrepareAsync(server);
        using var alice = await server.SignInAsync("alice");
        const string Page = "/room/den/settings/hooks/";

        using var made = await alice.PostFormAsync(Page, ("act", "create"), ("name", "報時鳥"));
        Assert.Equal(HttpStatusCode.SeeOther, made.StatusCode);
        var shown = await alice.GetStringAsync(Page, Ct);
        var address = System.Text.RegularExpressions.Regex.Match(shown, @"http://[^""]+/hooks/[\w-]+").Value;
        Assert.Equal((200, "ok"), await CallAsync(alice, address, """{"text":"x"}""", "application/json"));
        Assert.DoesNotContain(address, await alice.GetStringAsync(Page, Ct), StringComparison.Ordinal);

        using var again = await alice.PostFormAsync(Page, ("act", "create"), ("name", "alice"));
        Assert.Equal(HttpStatusCode.Forbidden, again.StatusCode);
        Assert.Contains("這個暱稱屬於註冊使用者", await again.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        var id = (long)(await admin.GetFromJsonAsync<JsonObject>("/api/v1/rooms/den/hooks", Ct))!["hooks"]![0]!["id"]!;
        using var revoked = await alice.PostFormAsync(Page, ("act", "revoke"), ("hook", $"{id}"));
        Assert.Equal((404, "no_service"), await CallAsync(alice, address, """{"text":"x"}""", "application/json"));
    }

    [Fact]
    public async Task Slacks_own_client_works_unchanged()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = await PrepareAsync(server);
        var path = await MakeAsync(admin, "bot");
        var script = Repository.PathOf("tests/Teahouse.Tests/Hooks/slack-client.mjs");
        using var node = Process.Start(new ProcessStartInfo("node", [script, new Uri(server.Address, path).ToString()])
        {
            WorkingDirectory = Repository.PathOf("."),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

        var output = await node.StandardOutput.ReadToEndAsync(Ct);
        var errors = await node.StandardError.ReadToEndAsync(Ct);
        await node.WaitForExitAsync(Ct);

        Assert.True(node.ExitCode == 0, errors);
        Assert.Equal("ok ok 400", output.Trim());
        var page = await admin.GetFromJsonAsync<JsonObject>("/api/v1/rooms/den/messages?limit=2", Ct);
        Assert.Equal(["早安", "部署完成 (https://a.example)\n版本: 1.2"], page!["messages"]!.AsArray().Select(message => (string?)message!["message"]));
    }

    private static async Task<HttpClient> PrepareAsync(TestServer server)
    {
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("den", "private");
        return await server.CreateBotAsync("alice", "admin");
    }

    private static async Task<string> MakeAsync(HttpClient admin, string name)
    {
        using var response = await admin.PostAsJsonAsync("/api/v1/rooms/den/hooks", new { name }, Ct);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        return new Uri((string)(await response.Content.ReadFromJsonAsync<JsonObject>(Ct))!["url"]!).AbsolutePath;
    }

    private static async Task<(int Status, string Body)> CallAsync(HttpClient client, string path, string body, string type)
    {
        using var content = new StringContent(body, Encoding.UTF8, System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type));
        using var response = await client.PostAsync(path, content, Ct);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Ct));
    }
}
