using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Rooms;

[Trait("Database", "Both")]
public sealed class RoomsApiTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_room_is_made_changed_archived_and_deleted()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.CreateBotAsync("alice");

        using var made = await alice.PostAsJsonAsync("/api/v1/rooms", new { name = "茶室", title = "喝茶" }, Ct);
        var room = await ReadAsync(made);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        Assert.Equal($"/api/v1/rooms/{Uri.EscapeDataString("茶室")}", made.Headers.Location?.OriginalString);
        Assert.Equal(("茶室", "喝茶", "members", "alice", "owner", 1L), ((string?)room["name"], (string?)room["title"], (string?)room["access"], (string?)room["owner"],
            (string?)room["role"], (long?)room["last_seq"]));

        room = await ReadAsync(await alice.PatchAsJsonAsync("/api/v1/rooms/茶室", new { topic = "烏龍" }, Ct));
        Assert.Equal(("喝茶", "烏龍", "members"), ((string?)room["title"], (string?)room["topic"], (string?)room["access"]));
        room = await ReadAsync(await alice.PatchAsJsonAsync("/api/v1/rooms/茶室", new { access = "private", archived = true }, Ct));
        Assert.Equal(("烏龍", "private", true), ((string?)room["topic"], (string?)room["access"], (bool?)room["archived"]));
        using var refused = await alice.PostAsJsonAsync("/api/v1/rooms/茶室/messages", new { message = "x" }, Ct);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

        using var deleted = await alice.DeleteAsync("/api/v1/rooms/茶室", Ct);
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync("/api/v1/rooms/茶室", Ct)).StatusCode);
    }

    [Fact]
    public async Task A_list_holds_ones_own_and_open_rooms_page_by_page()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.CreateBotAsync("alice");
        using var bob = await server.CreateBotAsync("bob");
        for (var i = 0; i < 7; i++)
        {
            await MakeAsync(alice, $"open-{i}", "members");
        }
        await MakeAsync(alice, "secret", "private");
        await MakeAsync(bob, "mine", "private");

        List<string> names = [];
        string? after = null;
        do
        {
            var page = await bob.GetFromJsonAsync<JsonObject>($"/api/v1/rooms?limit=3&after={after}", Ct);
            names.AddRange(page!["rooms"]!.AsArray().Select(room => (string)room!["name"]!));
            after = (string?)page["next"];
            Assert.Equal(after is not null, (bool?)page["has_more"]);
        }
        while (after is not null);

        Assert.Equal(["mine", .. Enumerable.Range(0, 7).Select(i => $"open-{i}")], names);
        Assert.Equal(["mine"], await NamesAsync("?joined=true"));
        Assert.Equal(["open-3"], await NamesAsync("?q=N-3"));
        Assert.Equal([], await NamesAsync("?q=%25"));

        async Task<IEnumerable<string>> NamesAsync(string query) =>
            (await bob.GetFromJsonAsync<JsonObject>($"/api/v1/rooms{query}", Ct))!["rooms"]!.AsArray().Select(room => (string)room!["name"]!);
    }

    [Fact]
    public async Task Members_are_added_promoted_listed_and_removed()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.CreateBotAsync("alice");
        using var bob = await server.CreateBotAsync("bob");
        using var carol = await server.CreateBotAsync("carol");
        await MakeAsync(alice, "den", "private");

        Assert.Equal(404, await PutAsync(bob, "bob"));
        Assert.Equal(201, await PutAsync(alice, "bob", "moderator"));
        Assert.Equal(200, await PutAsync(alice, "bob"));
        Assert.Equal(201, await PutAsync(bob, "carol"));
        Assert.Equal(403, await PutAsync(bob, "carol", "owner"));
        Assert.Equal(404, await PutAsync(alice, "nobody"));
        Assert.Equal(400, await PutAsync(alice, "carol", "king"));
        var list = await carol.GetFromJsonAsync<JsonObject>("/api/v1/rooms/den/members?limit=2", Ct);
        Assert.Equal(["alice owner", "bob moderator"], list!["members"]!.AsArray().Select(member => $"{member!["username"]} {member["role"]}"));
        Assert.Equal("bob", (string?)list["next"]);
        Assert.Equal("moderator", (string?)(await carol.GetFromJsonAsync<JsonObject>("/api/v1/rooms/den/members/bob", Ct))!["role"]);

        Assert.Equal(403, await RemoveAsync(carol, "bob"));
        Assert.Equal(409, await RemoveAsync(alice, "alice"));
        Assert.Equal(204, await RemoveAsync(bob, "carol"));
        Assert.Equal(404, await RemoveAsync(alice, "carol"));
        Assert.Equal(204, await RemoveAsync(bob, "bob"));
        Assert.Equal(404, (int)(await bob.GetAsync("/api/v1/rooms/den", Ct)).StatusCode);

        async Task<int> PutAsync(HttpClient client, string user, string? role = null)
        {
            using var response = await (role is null
                ? client.PutAsync($"/api/v1/rooms/den/members/{user}", null, Ct)
                : client.PutAsJsonAsync($"/api/v1/rooms/den/members/{user}", new { role }, Ct));
            return (int)response.StatusCode;
        }

        async Task<int> RemoveAsync(HttpClient client, string user) => (int)(await client.DeleteAsync($"/api/v1/rooms/den/members/{user}", Ct)).StatusCode;
    }

    [Fact]
    public async Task Anybody_joins_an_open_room_by_their_own_name_and_nobody_is_pulled_in()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.CreateBotAsync("alice");
        using var bob = await server.CreateBotAsync("bob");
        await server.AddUserAsync("carol");
        await MakeAsync(alice, "plaza", "members");

        using var joined = await bob.PutAsync("/api/v1/rooms/plaza/members/BOB", null, Ct);
        using var pulled = await bob.PutAsync("/api/v1/rooms/plaza/members/carol", null, Ct);
        using var crowned = await bob.PutAsJsonAsync("/api/v1/rooms/plaza/members/bob", new { role = "owner" }, Ct);

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (joined.StatusCode, pulled.StatusCode, crowned.StatusCode));
    }

    [Fact]
    public async Task What_the_client_has_is_not_sent_again()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.CreateBotAsync("alice");
        await MakeAsync(alice, "den", "private");

        foreach (var path in new[] { "/api/v1/rooms/den", "/api/v1/rooms", "/api/v1/rooms/den/messages", "/api/v1/me", "/api/v1/rooms/den/members", "/api/v1/users" })
        {
            using var first = await alice.GetAsync(path, Ct);
            var tag = first.Headers.ETag;
            Assert.NotNull(tag);
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.IfNoneMatch.Add(tag);
            using var second = await alice.SendAsync(request, Ct);
            Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
            Assert.Empty(await second.Content.ReadAsByteArrayAsync(Ct));
        }
        using var said = await alice.PostAsJsonAsync("/api/v1/rooms/den/messages", new { message = "x" }, Ct);
        using var before = await alice.GetAsync("/api/v1/rooms/den", Ct);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/v1/rooms/den");
        again.Headers.IfNoneMatch.ParseAdd("\"other\"");
        using var fresh = await alice.SendAsync(again, Ct);
        Assert.Equal(HttpStatusCode.OK, fresh.StatusCode);
    }

    [Fact]
    public async Task What_is_left_of_the_allowance_is_told()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_REQUESTS_PER_SECOND", "5")]);
        using var alice = await server.CreateBotAsync("alice");

        // Together: one alone may take so long that its share is there again when it is answered.
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => alice.GetAsync("/api/v1/me", Ct)));

        var told = answers.Where(answer => answer.IsSuccessStatusCode).Select(answer => (Policy: answer.Headers.GetValues("RateLimit-Policy").Single(), Left: answer.Headers.GetValues("RateLimit").Single())).ToList();
        Assert.All(told, each => Assert.Equal("\"requests\";q=5;w=1", each.Policy));
        Assert.All(told, each => Assert.Matches("^\"requests\";r=[0-5];t=1$", each.Left));
        Assert.Contains(told, each => each.Left is not "\"requests\";r=5;t=1");
    }

    private static async Task MakeAsync(HttpClient client, string name, string access)
    {
        using var response = await client.PostAsJsonAsync("/api/v1/rooms", new { name, access }, Ct);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync(Ct))!.AsObject();
}
