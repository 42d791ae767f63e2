using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Web;

/// <summary>What all calls for programs have in common.</summary>
[Trait("Speed", "Medium")]
public sealed class ProgramAnswerTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", "/api/v1/rooms")]
    [InlineData("PATCH", "/api/v1/rooms/den")]
    [InlineData("POST", "/api/v1/rooms/den/messages")]
    [InlineData("PATCH", "/api/v1/rooms/den/messages/1")]
    [InlineData("POST", "/api/v1/rooms/den/read")]
    [InlineData("POST", "/api/v1/rooms/den/hooks")]
    [InlineData("POST", "/api/v1/tokens")]
    [InlineData("POST", "/api/v1/projects")]
    [InlineData("PATCH", "/api/v1/projects/tea")]
    [InlineData("POST", "/api/v1/webhooks")]
    [InlineData("POST", "/api/v1/sinks")]
    public async Task Whom_nobody_knows_is_told_that_first(string method, string path)
    {
        await using var server = await TestServer.StartAsync();
        using var nobody = server.CreateClient();

        foreach (var body in (string[])["", "{", "[]"])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
            using var answer = await nobody.SendAsync(request, Ct);

            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Fact]
    public async Task HEAD_is_answered_as_GET_without_the_body()
    {
        await using var server = await TestServer.StartAsync();
        using var bot = await server.CreateBotAsync("alice");
        foreach (var name in (string[])["den", "stream", "export"])
        {
            (await bot.PostAsJsonAsync("/api/v1/rooms", new { name }, Ct)).EnsureSuccessStatusCode();
        }

        foreach (var path in (string[])["/api/v1/me", "/api/v1/rooms/den/messages", "/api/v1/rooms/stream", "/api/v1/rooms/export", "/api/v1/rooms/stream/members", "/openapi/v1.json"])
        {
            using var head = await bot.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), Ct);
            using var get = await bot.GetAsync(new Uri(path, UriKind.Relative), Ct);

            Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (head.StatusCode, get.StatusCode));
            Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync(Ct));
        }
        // It would never end, or read a whole room for nothing.
        foreach (var path in (string[])["/api/v1/rooms/den/stream", "/api/v1/rooms/den/export?format=csv", "/chats/api/get-messages/den/"])
        {
            using var head = await bot.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), Ct);

            Assert.Equal(HttpStatusCode.MethodNotAllowed, head.StatusCode);
        }
    }

    [Theory]
    [InlineData("en", "token")]
    [InlineData("zh-TW", "權杖")]
    [InlineData("zh-CN", "令牌")]
    public async Task Wrong_credentials_are_refused_in_the_callers_language(string language, string word)
    {
        await using var server = await TestServer.StartAsync();
        using var wrong = server.CreateBearer("tea_wrong");
        wrong.DefaultRequestHeaders.Add("Accept-Language", language);

        using var answer = await wrong.GetAsync(new Uri("/api/v1/me", UriKind.Relative), Ct);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains(word, (string?)(await answer.Content.ReadFromJsonAsync<JsonObject>(Ct))!["error"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_member_put_by_several_at_once_is_there_for_all()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.CreateBotAsync("alice");
        await server.AddUserAsync("bob");
        (await owner.PostAsJsonAsync("/api/v1/rooms", new { name = "den", access = "private" }, Ct)).EnsureSuccessStatusCode();

        var statuses = await Task.WhenAll(Enumerable.Range(0, 12).Select(async _ =>
        {
            using var answer = await owner.PutAsync(new Uri("/api/v1/rooms/den/members/bob", UriKind.Relative), null, Ct);
            return answer.StatusCode;
        }));

        Assert.Single(statuses, HttpStatusCode.Created);
        Assert.All(statuses, status => Assert.True(status is HttpStatusCode.Created or HttpStatusCode.OK, $"{status}"));
    }

    [Fact]
    public async Task A_nonce_is_counted_in_characters_wherever_it_comes()
    {
        await using var server = await TestServer.StartAsync();
        using var bot = await server.CreateBotAsync("alice");
        (await bot.PostAsJsonAsync("/api/v1/rooms", new { name = "den", access = "guests" }, Ct)).EnsureSuccessStatusCode();
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/den/", SocketClient.V1);
        await socket.ReceiveAsync("subscribed");
        var longest = string.Concat(Enumerable.Repeat("😀", 64));

        using var taken = await bot.PostAsJsonAsync("/api/v1/rooms/den/messages", new { message = "x", nonce = longest }, Ct);
        using var tooLong = await bot.PostAsJsonAsync("/api/v1/rooms/den/messages", new { message = "x", nonce = longest + "x" }, Ct);
        using var control = await bot.PostAsJsonAsync("/api/v1/rooms/den/messages", new { message = "x", nonce = "a\0b" }, Ct);
        await socket.SendAsync(new { type = "send", room = "den", message = "y", nonce = longest });
        var ack = await socket.ReceiveAsync("ack");
        await socket.SendAsync(new { type = "send", room = "den", message = "y", nonce = longest + "x" });
        var error = await socket.ReceiveAsync("error");

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (taken.StatusCode, tooLong.StatusCode, control.StatusCode));
        Assert.Equal((longest, "bad_frame"), ((string?)ack["nonce"], (string?)error["code"]));
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task Probes_only_look(string path)
    {
        await using var server = await TestServer.StartAsync();
        using var client = server.CreateClient();

        using var posted = await client.PostAsync(new Uri(path, UriKind.Relative), null, Ct);
        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), Ct);

        Assert.Equal((HttpStatusCode.MethodNotAllowed, HttpStatusCode.OK), (posted.StatusCode, head.StatusCode));
    }
}
