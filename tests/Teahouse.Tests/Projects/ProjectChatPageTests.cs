using System.Net;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Projects;

/// <summary>System A's pages: who is led where, and what their forms do.</summary>
[Trait("Speed", "Medium")]
public sealed class ProjectChatPageTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>As in system A, whose pages and scripts rely on it.</summary>
    [Fact]
    public async Task To_open_a_chat_is_to_have_read_it()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");
        using var visitor = await server.SignInAsync("visitor");
        var slug = await owner.CreateProjectAsync("Tea cups");
        var room = await visitor.OpenChatAsync(slug);
        using var sent = await visitor.SendOldAsync(room, "第一則", await visitor.GetTokenAsync("/login/"));
        using var ahead = new HttpRequestMessage(HttpMethod.Get, Address(slug, room)) { Headers = { { "Sec-Purpose", "prefetch" } } };

        using var fetched = await owner.SendAsync(ahead, Ct);
        using var looked = await owner.SendAsync(new HttpRequestMessage(HttpMethod.Head, Address(slug, room)), Ct);
        var unread = await owner.GetStringAsync(new Uri($"/chats/project/{slug}/list/", UriKind.Relative), Ct);
        var opened = await owner.GetStringAsync(Address(slug, room), Ct);
        var read = await owner.GetStringAsync(new Uri($"/chats/project/{slug}/list/", UriKind.Relative), Ct);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (fetched.StatusCode, looked.StatusCode));
        Assert.Contains("1 則未讀", unread, StringComparison.Ordinal);
        Assert.Contains("data-slot=\"unread\"", opened, StringComparison.Ordinal);
        Assert.DoesNotContain("1 則未讀", read, StringComparison.Ordinal);
        Assert.True((bool)(await visitor.PollOldAsync(room, 0))["messages"]![0]!["is_read"]!);
    }

    [Fact]
    public async Task What_cannot_be_noted_as_read_just_now_can_be_read_all_the_same()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");
        using var visitor = await server.SignInAsync("visitor");
        var slug = await owner.CreateProjectAsync("Tea cups");
        var room = await visitor.OpenChatAsync(slug);
        using var sent = await visitor.SendOldAsync(room, "第一則", await visitor.GetTokenAsync("/login/"));
        string page;
        await using (await Messages.HeldWriter<int>.HoldAsync(server))
        {
            page = await owner.GetStringAsync(Address(slug, room), Ct);
            Assert.Equal("第一則", (string?)(await owner.PollOldAsync(room, 0))["messages"]![0]!["content"]);
        }

        Assert.Contains("第一則", page, StringComparison.Ordinal);
        // It is noted once that can be done.
        await Eventually.TrueAsync(async () => (bool)(await visitor.PollOldAsync(room, 0))["messages"]![0]!["is_read"]!);
    }

    [Fact]
    public async Task Nobody_begins_a_chat_that_nobody_would_answer()
    {
        await using var server = await TestServer.StartAsync();
        var ownerId = await server.AddUserAsync("owner");
        using var owner = await server.SignInAsync("owner");
        using var visitor = await server.SignInAsync("visitor");
        using var other = await server.SignInAsync("other");
        var slug = await owner.CreateProjectAsync("Tea cups");
        var room = await visitor.OpenChatAsync(slug);
        await server.RemoveUserAsync(ownerId);

        using var led = await other.GetAsync(new Uri($"/chats/project/{slug}/", UriKind.Relative), Ct);

        Assert.Equal($"/projects/{slug}/", led.Headers.Location?.OriginalString);
        Assert.Equal(room, await visitor.OpenChatAsync(slug));
    }

    [Fact]
    public async Task A_visitor_gets_one_chat_and_keeps_it()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");
        using var visitor = await server.SignInAsync("visitor");
        using var other = await server.SignInAsync("other");
        var slug = await owner.CreateProjectAsync("Tea cups");

        var first = await visitor.OpenChatAsync(slug);

        Assert.Equal(first, await visitor.OpenChatAsync(slug));
        Assert.NotEqual(first, await other.OpenChatAsync(slug));
        Assert.Matches("^[a-z0-9]{24}$", first);
        Assert.Contains($"data-room=\"{first}\"", await visitor.GetStringAsync(Address(slug, first), Ct), StringComparison.Ordinal);
        Assert.Contains($"data-room=\"{first}\"", await owner.GetStringAsync(Address(slug, first), Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fifty_first_visits_at_once_make_one_chat()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");
        var slug = await owner.CreateProjectAsync("Tea cups");
        using var visitor = await server.SignInAsync("visitor");
        using var start = new SemaphoreSlim(0);

        var visits = Enumerable.Range(0, 50).Select(async _ =>
        {
            await start.WaitAsync(Ct);
            return await visitor.OpenChatAsync(slug);
        }).ToList();
        start.Release(50);
        var rooms = await Task.WhenAll(visits);

        Assert.Single(rooms.Distinct());
        using var chats = await owner.GetAsync(new Uri($"/api/v1/projects/{slug}/chats", UriKind.Relative), Ct);
        Assert.Single((await chats.ReadJsonAsync())["chats"]!.AsArray());
    }

    [Fact]
    public async Task Everybody_is_led_where_they_belong()
    {
        await using var server = await TestServer.StartAsync();
        using var nobody = server.CreateClient();
        using var owner = await server.SignInAsync("owner");
        using var visitor = await server.SignInAsync("visitor");
        using var stranger = await server.SignInAsync("stranger");
        var slug = await owner.CreateProjectAsync("Tea cups");
        var elsewhere = await owner.CreateProjectAsync("Tea pots");
        var room = await visitor.OpenChatAsync(slug);
        var chat = $"/chats/project/{slug}/";

        foreach (var path in new[] { chat, chat + "list/", $"{chat}{room}/", "/chats/project/nothing/" })
        {
            await AnswersAsync(nobody, path, HttpStatusCode.Redirect, $"/login/?next={Uri.EscapeDataString(path)}");
        }
        await AnswersAsync(owner, chat, HttpStatusCode.Redirect, chat + "list/");
        await AnswersAsync(owner, chat + "list/", HttpStatusCode.OK);
        await AnswersAsync(visitor, chat + "list/", HttpStatusCode.Redirect, chat);
        await AnswersAsync(stranger, $"{chat}{room}/", HttpStatusCode.Redirect, chat);
        await AnswersAsync(stranger, $"/room/{room}/", HttpStatusCode.NotFound);
        // A chat is found under its own project only.
        await AnswersAsync(visitor, $"/chats/project/{elsewhere}/{room}/", HttpStatusCode.NotFound);
        foreach (var client in new[] { owner, visitor, stranger })
        {
            await AnswersAsync(client, chat + "nothing/", HttpStatusCode.NotFound);
            await AnswersAsync(client, "/chats/project/nothing/", HttpStatusCode.NotFound);
            await AnswersAsync(client, "/chats/project/nothing/list/", HttpStatusCode.NotFound);
        }
        await AnswersAsync(visitor, $"/room/{room}/", HttpStatusCode.Redirect, $"{chat}{room}/");
        await AnswersAsync(owner, $"/room/{room}/settings/", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_form_sends_and_leads_back_to_the_chat()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");
        using var visitor = await server.SignInAsync("visitor");
        var slug = await owner.CreateProjectAsync("Tea cups");
        var path = $"/chats/project/{slug}/";

        // The very first thing a visitor does may be to send.
        using var sent = await visitor.PostFormFromAsync("/", path, ("content", "  你好，請問杯子還有嗎？  "));
        using var blank = await visitor.PostFormFromAsync("/", path, ("content", " \n "));

        var room = await visitor.OpenChatAsync(slug);
        foreach (var answer in new[] { sent, blank })
        {
            Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
            Assert.Equal($"{path}{room}/", answer.Headers.Location?.OriginalString);
        }
        var messages = (await owner.PollOldAsync(room, 0))["messages"]!.AsArray();
        Assert.Equal("你好，請問杯子還有嗎？", (string?)Assert.Single(messages)!["content"]);

        using var fromOwner = await owner.PostFormFromAsync("/", path, ("content", "to whom?"));
        Assert.Equal(path + "list/", fromOwner.Headers.Location?.OriginalString);
        using var forged = await visitor.PostAsync(new Uri(path, UriKind.Relative), new FormUrlEncodedContent([new("content", "forged")]), Ct);
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
        Assert.Single((await owner.PollOldAsync(room, 0))["messages"]!.AsArray());
    }

    [Fact]
    public async Task The_old_scripts_form_answers_with_the_message()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");
        using var visitor = await server.SignInAsync("visitor");
        using var stranger = await server.SignInAsync("stranger");
        using var nobody = server.CreateClient();
        var slug = await owner.CreateProjectAsync("Tea cups");
        var room = await visitor.OpenChatAsync(slug);

        using var sent = await PostAsync(visitor, $"/chats/project/{slug}/", "嗨");
        using var blank = await PostAsync(visitor, $"/chats/project/{slug}/{room}/", "  ");
        using var strange = await PostAsync(stranger, $"/chats/project/{slug}/{room}/", "let me in");
        using var anonymous = await PostAsync(nobody, $"/chats/project/{slug}/{room}/", "let me in");

        Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        var message = await sent.ReadJsonAsync();
        Assert.Equal(["content", "created_at", "id", "is_read", "sender"], message.Select(field => field.Key).Order());
        Assert.Equal("嗨", (string?)message["content"]);
        Assert.Equal("visitor", (string?)message["sender"]);
        Assert.False((bool)message["is_read"]!);
        Assert.EndsWith("+08:00", (string?)message["created_at"], StringComparison.Ordinal);
        foreach (var (answer, status) in new[] { (blank, HttpStatusCode.BadRequest), (strange, HttpStatusCode.Forbidden), (anonymous, HttpStatusCode.Unauthorized) })
        {
            Assert.Equal(status, answer.StatusCode);
            Assert.False(string.IsNullOrEmpty((string?)(await answer.ReadJsonAsync())["error"]));
        }
        Assert.Single((await owner.PollOldAsync(room, 0))["messages"]!.AsArray());
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, string path, string content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.Add("X-Requested-With", "XMLHttpRequest");
        request.Headers.Add("X-CSRFToken", await client.GetTokenAsync("/login/"));
        request.Content = new FormUrlEncodedContent([new("content", content)]);
        return await client.SendAsync(request, Ct);
    }

    private static async Task AnswersAsync(HttpClient client, string path, HttpStatusCode status, string? location = null)
    {
        foreach (var address in new[] { path, path.TrimEnd('/') })
        {
            using var response = await client.GetAsync(new Uri(address, UriKind.Relative), Ct);
            Assert.True(response.StatusCode == status, $"{address}: {response.StatusCode}");
            Assert.Equal(location?.Replace(Uri.EscapeDataString(path), Uri.EscapeDataString(address), StringComparison.Ordinal), response.Headers.Location?.OriginalString);
        }
    }

    private static Uri Address(string slug, string room) => new($"/chats/project/{slug}/{room}/", UriKind.Relative);
}
