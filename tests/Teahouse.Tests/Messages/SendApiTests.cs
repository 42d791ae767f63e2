using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

/// <summary>Sending over HTTP: the call of today and the one kept from the older chat.</summary>
public sealed class SendApiTests
{
    private const string Path = "/api/v1/rooms/den/messages";
    private const string Kept = "/chat/api/send_message/den/";

    private static readonly (string, string)[] Fast = [("LIMIT_MESSAGES_PER_SECOND", "0")];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_made_once_for_its_nonce()
    {
        await using var server = await TestServer.StartAsync();
        using var bot = await PrepareAsync(server);

        using var first = await bot.PostAsJsonAsync(Path, new { message = " 你好 ", nonce = "n1" }, Ct);
        using var again = await SendAsync(bot, Path, """{"message":"你好"}""", "application/json", ("Idempotency-Key", "\"n1\""));
        using var other = await bot.PostAsJsonAsync(Path, new { message = "不同", nonce = "n1" }, Ct);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict), (first.StatusCode, again.StatusCode, other.StatusCode));
        var made = await ReadAsync(first);
        Assert.Equal(("你好", "alice", "n1", 2L), ((string?)made["message"], (string?)made["user"], (string?)made["nonce"], (long?)made["seq"]));
        Assert.Equal((long?)made["id"], (long?)(await ReadAsync(again))["id"]);
        Assert.Equal("conflict", (string?)(await ReadAsync(other))["code"]);
    }

    [Fact]
    public async Task One_nonce_over_every_door_at_once_is_one_message()
    {
        await using var server = await TestServer.StartAsync([.. Fast, ("LIMIT_LOGINS_PER_MINUTE", "0")]);
        using var bot = await PrepareAsync(server);
        using var script = server.CreateBasic("alice", TestAccounts.Password);
        var cookies = await server.SignInCookiesAsync("alice");
        await using var v1 = await SocketClient.ConnectAsync(server, "/ws/chat/den/", SocketClient.V1, cookies);
        await v1.ReceiveAsync("subscribed");
        await using var plain = await SocketClient.ConnectAsync(server, "/ws/chat/den/", null, cookies);

        for (var round = 0; round < 20; round++)
        {
            var nonce = $"race {round}";
            var http = new List<Task<HttpResponseMessage>>
            {
                bot.PostAsJsonAsync(Path, new { message = nonce, nonce }, Ct),
                script.PostAsJsonAsync(Kept, new { message = nonce, nonce }, Ct),
                SendAsync(bot, Path, $$"""{"message":"{{nonce}}"}""", "application/json", ("Idempotency-Key", nonce)),
                SendAsync(script, Kept, $"message={Uri.EscapeDataString(nonce)}&nonce={Uri.EscapeDataString(nonce)}", "application/x-www-form-urlencoded"),
            };
            await v1.SendAsync(new { type = "send", room = "den", message = nonce, nonce });
            await plain.SendAsync(new { message = nonce, nonce });
            var ids = new HashSet<long>();
            foreach (var response in await Task.WhenAll(http))
            {
                Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode}");
                ids.Add((long)(await ReadAsync(response))["id"]!);
                response.Dispose();
            }
            ids.Add((long)(await v1.ReceiveAsync(frame => (string?)frame["type"] == "ack" && (string?)frame["nonce"] == nonce))["id"]!);
            Assert.Single(ids);
        }

        var page = await bot.GetFromJsonAsync<JsonObject>($"{Path}?limit=200", Ct);
        Assert.Equal(Enumerable.Range(0, 20).Select(round => $"race {round}"),
            page!["messages"]!.AsArray().Where(message => (string?)message!["kind"] == "text").Select(message => (string)message!["message"]!));
    }

    [Theory]
    [InlineData("""{"message":""}""", 400, "empty_message")]
    [InlineData("""{}""", 400, "empty_message")]
    [InlineData("""{"message":null}""", 400, "empty_message")]
    [InlineData("""{"message":"\u0007"}""", 400, "bad_text")]
    [InlineData("""{"message":"\ud800"}""", 400, "bad_text")]
    [InlineData("""{"message":"x","nonce":""}""", 400, "bad_frame")]
    [InlineData("""{"message":5}""", 400, "bad_frame")]
    [InlineData("""{"message":{}}""", 400, "bad_frame")]
    [InlineData("[]", 400, "bad_frame")]
    [InlineData("{", 400, "bad_json")]
    [InlineData("""{"message":"x""", 400, "bad_json")]
    [InlineData("""{"message":"x","message":"y"}""", 400, "bad_json")]
    [InlineData("""{"message":"x","deep":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}""", 400, "bad_json")]
    [InlineData("", 400, "bad_request")]
    public async Task What_cannot_be_sent_says_why(string body, int status, string code)
    {
        await using var server = await TestServer.StartAsync();
        using var bot = await PrepareAsync(server);

        using var response = await SendAsync(bot, Path, body, "application/json");

        Assert.Equal((status, code), ((int)response.StatusCode, (string?)(await ReadAsync(response))["code"]));
    }

    [Fact]
    public async Task Too_fast_is_told_when_to_come_back()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_MESSAGES_PER_SECOND", "1"), ("LIMIT_MESSAGES_PER_SECOND_BURST", "2")]);
        using var bot = await PrepareAsync(server);

        // Together: one alone may take so long that its share is there again when the next one comes.
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => bot.PostAsJsonAsync(Path, new { message = "x" }, Ct)));

        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.Created or HttpStatusCode.TooManyRequests, $"{answer.StatusCode}"));
        var refused = answers.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.True(refused.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        var problem = await ReadAsync(refused);
        Assert.Equal("rate_limited", (string?)problem["code"]);
        Assert.InRange((long)problem["retry_ms"]!, 1, 1000);
    }

    [Theory]
    [InlineData("""{"message":"早安"}""", "application/json")]
    [InlineData("message=%E6%97%A9%E5%AE%89", "application/x-www-form-urlencoded")]
    public async Task Scripts_of_the_older_chat_go_on_working(string body, string type)
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("alice");
        using var script = server.CreateBasic("alice", TestAccounts.Password);

        using var response = await SendAsync(script, "/chat/api/send_message/room1/", body, type);
        var answer = await ReadAsync(response);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(("成功", 1L), ((string?)answer["status"], (long?)answer["seq"]));
        Assert.Equal(["status", "id", "seq"], answer.Select(field => field.Key));
        var page = await script.GetFromJsonAsync<JsonObject>("/api/v1/rooms/room1/messages", Ct);
        var message = Assert.Single(page!["messages"]!.AsArray())!;
        Assert.Equal(("早安", "alice", (bool?)null), ((string?)message["message"], (string?)message["user"], (bool?)message["bot"]));
    }

    [Theory]
    [InlineData("""{"message":"  "}""", "application/json")]
    [InlineData("""{}""", "application/json")]
    [InlineData("message=", "application/x-www-form-urlencoded")]
    [InlineData("", "application/x-www-form-urlencoded")]
    public async Task An_empty_message_has_the_words_scripts_look_for(string body, string type)
    {
        await using var server = await TestServer.StartAsync();
        using var bot = await PrepareAsync(server);
        bot.DefaultRequestHeaders.AcceptLanguage.ParseAdd("en");

        using var response = await SendAsync(bot, Kept, body, type);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("""{"error":"消息內容不可為空"}""", await response.Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task The_kept_call_refuses_as_written()
    {
        await using var server = await TestServer.StartAsync();
        using var bot = await PrepareAsync(server);
        using var bob = await server.CreateBotAsync("bob");
        using var nobody = server.CreateClient();
        using var browser = await server.SignInAsync("alice");
        const string Body = """{"message":"x"}""";

        Assert.Equal(401, await StatusAsync(nobody, Kept, Body));
        Assert.Equal(400, await StatusAsync(bot, "/chat/api/send_message/no%20spaces/", Body));
        Assert.Equal(404, await StatusAsync(bob, Kept, Body));
        Assert.Equal(403, await StatusAsync(browser, Kept, Body));
        Assert.Equal(400, await StatusAsync(bot, Kept, "{"));
        Assert.Equal(400, await StatusAsync(bot, Kept, """{"message":7}"""));
        Assert.Equal(415, await StatusAsync(bot, Kept, Body, "text/plain"));
        using var wrongMethod = await bot.GetAsync(Kept, Ct);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, wrongMethod.StatusCode);

        static async Task<int> StatusAsync(HttpClient client, string path, string body, string type = "application/json")
        {
            using var response = await SendAsync(client, path, body, type);
            Assert.NotEmpty((string?)(await ReadAsync(response))["error"] ?? "");
            return (int)response.StatusCode;
        }
    }

    [Fact]
    public async Task Reading_moves_the_mark()
    {
        await using var server = await TestServer.StartAsync();
        using var bot = await PrepareAsync(server);
        using var bob = await server.CreateBotAsync("bob");
        using var added = await bot.PutAsync("/api/v1/rooms/den/members/bob", null, Ct);
        using var said = await bot.PostAsJsonAsync(Path, new { message = "x" }, Ct);

        Assert.Equal(2, (long?)(await bob.GetFromJsonAsync<JsonObject>("/api/v1/rooms/den", Ct))!["unread"]);
        using var read = await bob.PostAsJsonAsync("/api/v1/rooms/den/read", new { seq = 99 }, Ct);

        Assert.Equal("""{"last_read_seq":3,"unread":0}""", await read.Content.ReadAsStringAsync(Ct));
        Assert.Equal(0, (long?)(await bob.GetFromJsonAsync<JsonObject>("/api/v1/rooms/den", Ct))!["unread"]);
    }

    private static async Task<HttpClient> PrepareAsync(TestServer server)
    {
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("den", "private");
        return await server.CreateBotAsync("alice");
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string path, string body, string type, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, type) };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        return await client.SendAsync(request, Ct);
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync(Ct))!.AsObject();
}
