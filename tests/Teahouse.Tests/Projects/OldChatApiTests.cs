using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Projects;

/// <summary>What system A's scripts call.</summary>
[Trait("Database", "Both"), Trait("Speed", "Medium")]
public sealed class OldChatApiTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_one_sends_the_other_gets_and_reading_shows()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");
        using var visitor = await server.SignInAsync("visitor");
        var room = await visitor.OpenChatAsync(await owner.CreateProjectAsync("Tea cups"));
        var token = await visitor.GetTokenAsync("/login/");

        using var sent = await visitor.SendOldAsync(room, "第一則", token);
        var message = await sent.ReadJsonAsync();

        Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        Assert.Equal(["content", "created_at", "id", "is_read", "sender"], message.Select(field => field.Key).Order());
        Assert.Equal(("第一則", "visitor", false), ((string?)message["content"], (string?)message["sender"], (bool)message["is_read"]!));
        Assert.True(DateTimeOffset.TryParse((string?)message["created_at"], CultureInfo.InvariantCulture, out _));

        // One's own reading does not make one's own message read; the other side's does.
        Assert.False((bool)Only(await visitor.PollOldAsync(room, 0))["is_read"]!);
        Assert.True((bool)Only(await owner.PollOldAsync(room, 0))["is_read"]!);
        Assert.True((bool)Only(await visitor.PollOldAsync(room, 0))["is_read"]!);
        Assert.Empty((await owner.PollOldAsync(room, (long)message["id"]!))["messages"]!.AsArray());
    }

    [Fact]
    public async Task Refusals_are_json_with_the_old_statuses()
    {
        await using var server = await TestServer.StartAsync();
        using var nobody = server.CreateClient();
        using var owner = await server.SignInAsync("owner");
        using var visitor = await server.SignInAsync("visitor");
        using var stranger = await server.SignInAsync("stranger");
        var room = await visitor.OpenChatAsync(await owner.CreateProjectAsync("Tea cups"));
        await owner.CreateRoomAsync("plaza", "guests");
        var send = $"/chats/api/send-message/{room}/";
        var get = $"/chats/api/get-messages/{room}/?last_id=0";

        await RefusesAsync(nobody, HttpMethod.Post, send, HttpStatusCode.Unauthorized);
        await RefusesAsync(nobody, HttpMethod.Get, get, HttpStatusCode.Unauthorized);
        await RefusesAsync(stranger, HttpMethod.Post, send, HttpStatusCode.Forbidden);
        await RefusesAsync(stranger, HttpMethod.Get, get, HttpStatusCode.Forbidden);
        await RefusesAsync(visitor, HttpMethod.Post, "/chats/api/send-message/nothing/", HttpStatusCode.NotFound);
        await RefusesAsync(visitor, HttpMethod.Get, "/chats/api/get-messages/nothing/", HttpStatusCode.NotFound);
        // Only project chats are rooms of system A.
        await RefusesAsync(owner, HttpMethod.Post, "/chats/api/send-message/plaza/", HttpStatusCode.NotFound);
        await RefusesAsync(visitor, HttpMethod.Get, send, HttpStatusCode.MethodNotAllowed);
        await RefusesAsync(visitor, HttpMethod.Delete, send, HttpStatusCode.MethodNotAllowed);
        await RefusesAsync(visitor, HttpMethod.Post, get, HttpStatusCode.MethodNotAllowed);
        await RefusesAsync(visitor, HttpMethod.Post, send, HttpStatusCode.BadRequest, content: "   ");
        await RefusesAsync(visitor, HttpMethod.Post, send, HttpStatusCode.BadRequest, content: new string('長', 8001));
        await RefusesAsync(visitor, HttpMethod.Get, $"/chats/api/get-messages/{room}/?last_id=x", HttpStatusCode.BadRequest);
        Assert.Empty((await owner.PollOldAsync(room, 0))["messages"]!.AsArray());
    }

    [Fact]
    public async Task A_send_repeated_under_its_nonce_is_one_message()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");
        using var visitor = await server.SignInAsync("visitor");
        var room = await visitor.OpenChatAsync(await owner.CreateProjectAsync("Tea cups"));
        using var script = await server.CreateBotAsync("visitor");

        var sent = await Task.WhenAll(Enumerable.Range(0, 6).Select(number => SendAsync(number % 2 == 0, "same")));
        var other = await SendAsync(byHeader: true, "other");

        Assert.All(sent, each => Assert.Equal(HttpStatusCode.OK, each.Status));
        Assert.Single(sent.Select(each => (long)each.Body["id"]!).Distinct());
        Assert.Equal((HttpStatusCode.Conflict, "conflict"), (other.Status, (string?)other.Body["code"]));
        Assert.Equal("same", (string?)Only(await owner.PollOldAsync(room, 0))["content"]);

        async Task<(HttpStatusCode Status, JsonObject Body)> SendAsync(bool byHeader, string content)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/chats/api/send-message/{room}/");
            request.Content = new FormUrlEncodedContent(byHeader ? [new("content", content)] : [new("content", content), new("nonce", "n1")]);
            if (byHeader)
            {
                request.Headers.Add("Idempotency-Key", "n1");
            }
            using var response = await script.SendAsync(request, Ct);
            return (response.StatusCode, await response.ReadJsonAsync());
        }
    }

    [Fact]
    public async Task A_form_may_come_in_parts_as_scripts_of_pages_send_it()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");
        using var visitor = await server.SignInAsync("visitor");
        var room = await visitor.OpenChatAsync(await owner.CreateProjectAsync("Tea cups"));
        using var script = await server.CreateBotAsync("visitor");
        using var form = new MultipartFormDataContent { { new StringContent("第一則"), "content" } };

        using var sent = await script.PostAsync(new Uri($"/chats/api/send-message/{room}/", UriKind.Relative), form, Ct);

        Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        Assert.Equal("第一則", (string?)(await sent.ReadJsonAsync())["content"]);
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("DELETE")]
    public async Task Another_method_is_405_for_a_signed_in_page_without_its_token_too(string method)
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");
        using var visitor = await server.SignInAsync("visitor");
        var room = await visitor.OpenChatAsync(await owner.CreateProjectAsync("Tea cups"));
        using var request = new HttpRequestMessage(new HttpMethod(method), $"/chats/api/send-message/{room}/");

        using var answer = await visitor.SendAsync(request, Ct);
        using var forged = await visitor.PostAsync(new Uri($"/chats/api/send-message/{room}/", UriKind.Relative), new FormUrlEncodedContent([new("content", "x")]), Ct);

        Assert.Equal((HttpStatusCode.MethodNotAllowed, HttpStatusCode.Forbidden), (answer.StatusCode, forged.StatusCode));
        Assert.NotNull((string?)(await answer.ReadJsonAsync())["error"]);
    }

    [Theory]
    [InlineData("{", "bad_json")]
    [InlineData("""{"content":"x","content":"y"}""", "bad_json")]
    [InlineData("""{"content":"x","deep":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}""", "bad_json")]
    [InlineData("""{"content":5}""", "bad_frame")]
    [InlineData("[]", "bad_frame")]
    [InlineData("""{"content":"\ud800"}""", "bad_text")]
    [InlineData("{}", "empty_message")]
    [InlineData(null, "empty_message")]
    public async Task Json_is_taken_as_strictly_as_everywhere(string? body, string code)
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");
        using var visitor = await server.SignInAsync("visitor");
        var room = await visitor.OpenChatAsync(await owner.CreateProjectAsync("Tea cups"));
        using var script = await server.CreateBotAsync("visitor");

        using var content = body is null ? null : new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await script.PostAsync(new Uri($"/chats/api/send-message/{room}/", UriKind.Relative), content, Ct);

        Assert.Equal((HttpStatusCode.BadRequest, code), (response.StatusCode, (string?)(await response.ReadJsonAsync())["code"]));
        Assert.Empty((await owner.PollOldAsync(room, 0))["messages"]!.AsArray());
    }

    [Fact]
    public async Task A_browser_must_show_the_pages_token()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");
        using var visitor = await server.SignInAsync("visitor");
        var room = await visitor.OpenChatAsync(await owner.CreateProjectAsync("Tea cups"));

        using var without = await visitor.PostAsync(new Uri($"/chats/api/send-message/{room}/", UriKind.Relative), new FormUrlEncodedContent([new("content", "forged")]), Ct);
        using var wrong = await visitor.SendOldAsync(room, "forged", "wrong");

        Assert.Equal(HttpStatusCode.Forbidden, without.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, wrong.StatusCode);
        Assert.Empty((await owner.PollOldAsync(room, 0))["messages"]!.AsArray());
    }

    [Fact]
    public async Task Polling_misses_and_repeats_nothing_while_both_sides_send()
    {
        const int Each = 150;
        await using var server = await TestServer.StartAsync([("LIMIT_MESSAGES_PER_SECOND", "0")]);
        using var owner = await server.SignInAsync("owner");
        using var visitor = await server.SignInAsync("visitor");
        var room = await visitor.OpenChatAsync(await owner.CreateProjectAsync("Tea cups"));
        // A second chat of the same project takes ids in between.
        using var other = await server.SignInAsync("other");
        var beside = await other.OpenChatAsync("tea-cups");
        var sending = Task.WhenAll(SendAsync(owner, room, "o"), SendAsync(visitor, room, "v"), SendAsync(visitor, room, "w"), SendAsync(other, beside, "x"));

        List<string> seen = [];
        List<long> ids = [];
        long lastId = 0;
        bool wasDone;
        do
        {
            wasDone = sending.IsCompleted;
            var page = await owner.PollOldAsync(room, lastId);
            foreach (var message in page["messages"]!.AsArray())
            {
                seen.Add((string)message!["content"]!);
                ids.Add(lastId = (long)message["id"]!);
            }
        }
        while (!wasDone || seen.Count < 3 * Each);
        await sending;

        Assert.Equal(3 * Each, seen.Count);
        Assert.Equal(ids.Order(), ids);
        foreach (var sender in new[] { "o", "v", "w" })
        {
            Assert.Equal(Enumerable.Range(0, Each).Select(number => $"{sender}{number}"), seen.Where(text => text.StartsWith(sender, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task A_page_holds_two_hundred_and_says_that_there_are_more()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_MESSAGES_PER_SECOND", "0")]);
        using var owner = await server.SignInAsync("owner");
        using var visitor = await server.SignInAsync("visitor");
        var room = await visitor.OpenChatAsync(await owner.CreateProjectAsync("Tea cups"));
        await SendAsync(visitor, room, "m", 205);

        var first = await owner.PollOldAsync(room, 0);
        var last = (long)first["messages"]!.AsArray()[^1]!["id"]!;
        var second = await owner.PollOldAsync(room, last);
        // An id that is not of this room says no less where to go on.
        var between = await owner.PollOldAsync(room, last + 1_000_000);

        Assert.Equal((200, true), (first["messages"]!.AsArray().Count, (bool)first["has_more"]!));
        Assert.Equal((5, false), (second["messages"]!.AsArray().Count, (bool)second["has_more"]!));
        Assert.Equal("m200", (string?)second["messages"]![0]!["content"]);
        Assert.Empty(between["messages"]!.AsArray());
    }

    private static async Task SendAsync(HttpClient client, string room, string prefix, int count = 150)
    {
        var token = await client.GetTokenAsync("/login/");
        for (var number = 0; number < count; number++)
        {
            using var response = await client.SendOldAsync(room, $"{prefix}{number}", token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    private static JsonNode Only(JsonObject page) => Assert.Single(page["messages"]!.AsArray())!;

    private static async Task RefusesAsync(HttpClient client, HttpMethod method, string path, HttpStatusCode status, string content = "hello")
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("X-CSRFToken", await client.GetTokenAsync("/login/"));
        if (method != HttpMethod.Get)
        {
            request.Content = new FormUrlEncodedContent([new("content", content)]);
        }
        using var response = await client.SendAsync(request, Ct);
        Assert.True(response.StatusCode == status, $"{method} {path}: {response.StatusCode}");
        Assert.False(string.IsNullOrEmpty((string?)(await response.ReadJsonAsync())["error"]), $"{method} {path}");
    }
}
