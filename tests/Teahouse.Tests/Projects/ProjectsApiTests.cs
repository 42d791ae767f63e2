using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Projects;

[Trait("Database", "Both")]
public sealed class ProjectsApiTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_project_is_made_read_changed_and_deleted()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");

        using var made = await SendAsync(owner, HttpMethod.Post, "", new { title = "Tea cups", description = "Seven days in the kiln." });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.Equal("/api/v1/projects/tea-cups", made.Headers.Location?.OriginalString);
        var project = await made.ReadJsonAsync();
        Assert.Equal(["created_at", "description", "owner", "path", "slug", "title", "updated_at"], project.Select(field => field.Key).Order());
        Assert.Equal(("tea-cups", "Tea cups", "owner", "/projects/tea-cups/"), ((string?)project["slug"], (string?)project["title"], (string?)project["owner"], (string?)project["path"]));

        using var changed = await SendAsync(owner, HttpMethod.Patch, "/tea-cups", new { description = "Eight days." });
        var after = await changed.ReadJsonAsync();
        Assert.Equal(("Tea cups", "Eight days."), ((string?)after["title"], (string?)after["description"]));
        using var read = await owner.GetAsync(Address("/TEA-cups"), Ct);
        Assert.Equal("Eight days.", (string?)(await read.ReadJsonAsync())["description"]);

        using var deleted = await SendAsync(owner, HttpMethod.Delete, "/tea-cups");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        using var gone = await owner.GetAsync(Address("/tea-cups"), Ct);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task What_cannot_be_is_refused_with_its_code()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");
        await owner.CreateProjectAsync("Cups", slug: "cups");

        foreach (var (body, status, code) in new (object, int, string)[]
        {
            (new { }, 400, "bad_title"),
            (new { title = "" }, 400, "bad_title"),
            (new { title = new string('x', 101) }, 400, "bad_title"),
            (new { title = "a", description = new string('x', 5001) }, 400, "bad_description"),
            (new { title = "a", slug = "a b" }, 400, "bad_slug"),
            (new { title = "a", slug = "cups" }, 409, "conflict"),
        })
        {
            using var refused = await SendAsync(owner, HttpMethod.Post, "", body);
            Assert.Equal((status, code), ((int)refused.StatusCode, (string?)(await refused.ReadJsonAsync())["code"]));
        }
        foreach (var query in new[] { "?limit=0", "?limit=201" })
        {
            using var refused = await owner.GetAsync(Address(query), Ct);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }
    }

    [Fact]
    public async Task For_others_there_is_nothing_to_change_and_no_list_of_chats()
    {
        await using var server = await TestServer.StartAsync();
        using var nobody = server.CreateClient();
        using var owner = await server.SignInAsync("owner");
        using var stranger = await server.SignInAsync("stranger");
        await owner.CreateProjectAsync("Cups", slug: "cups");

        foreach (var (client, status) in new[] { (nobody, HttpStatusCode.Unauthorized), (stranger, HttpStatusCode.NotFound) })
        {
            using var changed = await SendAsync(client, HttpMethod.Patch, "/cups", new { title = "Mine" });
            using var given = await SendAsync(client, HttpMethod.Patch, "/cups", new { owner = "stranger" });
            using var deleted = await SendAsync(client, HttpMethod.Delete, "/cups");
            using var chats = await client.GetAsync(Address("/cups/chats"), Ct);
            Assert.All(new[] { changed, given, deleted, chats }, answer => Assert.Equal(status, answer.StatusCode));
        }
        using var read = await nobody.GetAsync(Address("/cups"), Ct);
        Assert.Equal("Cups", (string?)(await read.ReadJsonAsync())["title"]);
        using var made = await SendAsync(nobody, HttpMethod.Post, "", new { title = "Mine" });
        Assert.Equal(HttpStatusCode.Unauthorized, made.StatusCode);
        using var forged = await stranger.PostAsJsonAsync(Address(""), new { title = "Mine" }, Ct);
        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
    }

    [Fact]
    public async Task A_visitor_opens_their_chat_and_the_owner_lists_it()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");
        using var visitor = await server.SignInAsync("visitor");
        await owner.CreateProjectAsync("Cups", slug: "cups");

        using var opened = await SendAsync(visitor, HttpMethod.Post, "/cups/chats");
        var room = (string)(await opened.ReadJsonAsync())["room"]!;
        Assert.Equal(room, await visitor.OpenChatAsync("cups"));
        using var sent = await visitor.SendOldAsync(room, "還有嗎？", await visitor.GetTokenAsync("/login/"));
        using var own = await SendAsync(owner, HttpMethod.Post, "/cups/chats");
        Assert.Equal(HttpStatusCode.Forbidden, own.StatusCode);

        using var listed = await owner.GetAsync(Address("/cups/chats"), Ct);
        var page = await listed.ReadJsonAsync();
        var chat = Assert.Single(page["chats"]!.AsArray())!;
        Assert.Equal((room, "visitor", "還有嗎？", 1L), ((string?)chat["room"], (string?)chat["visitor"], (string?)chat["last_message"], (long)chat["unread"]!));
        Assert.Equal((1L, false, (JsonNode?)null), ((long)page["unread"]!, (bool)page["has_more"]!, page["next"]));
    }

    private static Uri Address(string path) => new("/api/v1/projects" + path, UriKind.Relative);

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, Address(path));
        request.Headers.Add("X-CSRFToken", await client.GetTokenAsync("/login/"));
        if (body is not null)
        {
            request.Content = JsonContent.Create(body);
        }
        return await client.SendAsync(request, Ct);
    }
}
