using System.Net;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Projects;

/// <summary>What happens to open chats when their project changes: at once, and for everybody concerned.</summary>
[Trait("Database", "Both"), Trait("Speed", "Medium")]
public sealed class ProjectChangeTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_project_given_away_takes_its_chats_along()
    {
        await using var server = await TestServer.StartAsync();
        var (owner, visitor, heir) = (await server.SignInCookiesAsync("owner"), await server.SignInCookiesAsync("visitor"), await server.SignInCookiesAsync("heir"));
        using var owners = server.CreateClient(owner);
        using var visitors = server.CreateClient(visitor);
        using var heirs = server.CreateClient(heir);
        await owners.CreateProjectAsync("Cups", slug: "cups");
        var room = await visitors.OpenChatAsync("cups");
        using var sent = await visitors.SendOldAsync(room, "還有嗎？", await visitors.GetTokenAsync("/login/"));
        await using var ownersSocket = await SocketClient.ConnectAsync(server, $"/ws/chat/{room}/", SocketClient.V1, owner);
        await ownersSocket.ReceiveAsync("subscribed");
        await using var ownersPlain = await SocketClient.ConnectAsync(server, $"/ws/chat/{room}/", cookies: owner);
        await using var visitorsSocket = await SocketClient.ConnectAsync(server, $"/ws/chat/{room}/", SocketClient.V1, visitor);
        await visitorsSocket.ReceiveAsync("subscribed");
        await using var heirsSocket = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, heir);
        await heirsSocket.ReceiveAsync("hello");

        using var unconfirmed = await owners.PostFormAsync("/projects/cups/edit/", ("act", "give"), ("username", "heir"));
        Assert.Equal(HttpStatusCode.BadRequest, unconfirmed.StatusCode);
        using var unknown = await owners.PostFormAsync("/projects/cups/edit/", ("act", "give"), ("username", "nobody"), ("confirm", "on"));
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        using var given = await owners.PostFormAsync("/projects/cups/edit/", ("act", "give"), ("username", "heir"), ("confirm", "on"));
        Assert.Equal(HttpStatusCode.SeeOther, given.StatusCode);

        Assert.Equal(4503, await ownersSocket.ReceiveCloseAsync());
        Assert.Equal(4503, await ownersPlain.ReceiveCloseAsync());
        Assert.Equal(room, (string?)(await heirsSocket.ReceiveAsync("room"))["room"]);
        var told = await visitorsSocket.ReceiveAsync(frame => (string?)frame["kind"] == "system");
        Assert.Equal(("project_given", "heir"), ((string?)told["event"]!["type"], (string?)told["event"]!["user"]));
        // Neither of the old one's sockets heard of it.
        Assert.DoesNotContain(ownersSocket.Seen.Concat(ownersPlain.Seen), frame => (string?)frame["kind"] == "system" || frame["message"] is not null);

        Assert.Equal("/chats/project/cups/", await LedToAsync(owners, $"/chats/project/cups/{room}/"));
        var list = await ChatsAsync(heirs);
        // The visitor's question is as unread as it was; the hand-over itself is no news to the heir.
        Assert.Equal(2, (long)Assert.Single(list)!["unread"]!);
        using var answered = await heirs.SendOldAsync(room, "我是新的提案者", await heirs.GetTokenAsync("/login/"));
        Assert.Equal(HttpStatusCode.OK, answered.StatusCode);
        await visitorsSocket.ReceiveAsync(frame => (string?)frame["message"] == "我是新的提案者");
        // The old owner is a visitor like any other now.
        Assert.NotEqual(room, await owners.OpenChatAsync("cups"));
    }

    [Fact]
    public async Task A_visitor_who_becomes_the_owner_keeps_their_chat_the_other_way_round()
    {
        await using var server = await TestServer.StartAsync();
        using var owners = await server.SignInAsync("owner");
        using var visitors = await server.SignInAsync("visitor");
        await owners.CreateProjectAsync("Cups", slug: "cups");
        var room = await visitors.OpenChatAsync("cups");
        using var blocked = await owners.PostFormAsync($"/chats/project/cups/{room}/", ("act", "block"));
        using var given = await owners.PostFormAsync("/projects/cups/edit/", ("act", "give"), ("username", "visitor"), ("confirm", "on"));

        Assert.Equal("owner", (string?)Assert.Single(await ChatsAsync(visitors))!["visitor"]);
        Assert.Equal(room, await owners.OpenChatAsync("cups"));
        Assert.Equal("/chats/project/cups/list/", await LedToAsync(visitors, "/chats/project/cups/"));
        using var sent = await visitors.SendOldAsync(room, "換我了", await visitors.GetTokenAsync("/login/"));
        Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        // And back again.
        using var returned = await visitors.PostFormAsync("/projects/cups/edit/", ("act", "give"), ("username", "owner"), ("confirm", "on"));
        Assert.Equal(room, await visitors.OpenChatAsync("cups"));
        Assert.Equal("visitor", (string?)Assert.Single(await ChatsAsync(owners))!["visitor"]);
    }

    [Fact]
    public async Task An_administrator_gives_a_project_without_reading_its_chats()
    {
        await using var server = await TestServer.StartAsync();
        using var owners = await server.SignInAsync("owner");
        using var visitors = await server.SignInAsync("visitor");
        using var admins = await server.SignInAsync("admin", isAdmin: true);
        using var heirs = await server.SignInAsync("heir");
        await owners.CreateProjectAsync("Cups", slug: "cups");
        var room = await visitors.OpenChatAsync("cups");

        Assert.Equal("/chats/project/cups/", await LedToAsync(admins, $"/chats/project/cups/{room}/"));
        Assert.Equal("/chats/project/cups/", await LedToAsync(admins, "/chats/project/cups/list/"));
        using var given = await admins.PostFormAsync("/projects/cups/edit/", ("act", "give"), ("username", "heir"), ("confirm", "on"));

        Assert.Equal(HttpStatusCode.SeeOther, given.StatusCode);
        Assert.Single(await ChatsAsync(heirs));
    }

    [Fact]
    public async Task A_project_outlives_the_accounts_of_both_sides()
    {
        await using var server = await TestServer.StartAsync();
        var ownerId = await server.AddUserAsync("owner");
        var visitorId = await server.AddUserAsync("visitor");
        using var owners = await server.SignInAsync("owner");
        using var visitors = await server.SignInAsync("visitor");
        using var others = await server.SignInAsync("other");
        using var admins = await server.SignInAsync("admin", isAdmin: true);
        using var heirs = await server.SignInAsync("heir");
        await owners.CreateProjectAsync("Cups", slug: "cups");
        var room = await visitors.OpenChatAsync("cups");
        using var sent = await visitors.SendOldAsync(room, "還有嗎？", await visitors.GetTokenAsync("/login/"));

        await server.RemoveUserAsync(ownerId);
        Assert.Contains("還有嗎？", await visitors.GetStringAsync(new Uri($"/chats/project/cups/{room}/", UriKind.Relative), Ct), StringComparison.Ordinal);
        Assert.Contains("提案者的帳號已刪除", await others.GetStringAsync(new Uri("/projects/cups/", UriKind.Relative), Ct), StringComparison.Ordinal);
        await server.RemoveUserAsync(visitorId);
        using var given = await admins.PostFormAsync("/projects/cups/edit/", ("act", "give"), ("username", "heir"), ("confirm", "on"));

        var chat = Assert.Single(await ChatsAsync(heirs))!;
        Assert.Equal((room, null), ((string?)chat["room"], (string?)chat["visitor"]));
        foreach (var page in new[] { $"/chats/project/cups/{room}/", "/chats/project/cups/list/", "/" })
        {
            Assert.Contains("已刪除的使用者", await heirs.GetStringAsync(new Uri(page, UriKind.Relative), Ct), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_project_of_many_chats_is_given_with_all_of_them()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");
        var slug = await owner.CreateProjectAsync("Tea");
        var heir = await server.AddUserAsync("heir");
        await FillRooms.AddChatsAsync(server, 1, ownerId: 1, count: 120);

        using var given = await owner.PostFormAsync($"/projects/{slug}/edit/", ("act", "give"), ("username", "heir"), ("confirm", "on"));

        Assert.Equal(System.Net.HttpStatusCode.SeeOther, given.StatusCode);
        var members = await server.Get<Teahouse.Storage.Db>().ReadAsync(session => session.QueryAsync<long>(
            "SELECT m.user_id FROM memberships m JOIN rooms r ON r.id = m.room_id WHERE r.kind = 'project' AND r.owner_id = @heir LIMIT 1000", new { heir }), Ct);
        Assert.Equal(Enumerable.Repeat(heir, 120), members);
    }

    [Fact]
    public async Task A_blocked_visitor_is_out_at_once_and_back_when_the_block_ends()
    {
        await using var server = await TestServer.StartAsync();
        var (owner, visitor) = (await server.SignInCookiesAsync("owner"), await server.SignInCookiesAsync("visitor"));
        using var owners = server.CreateClient(owner);
        using var visitors = server.CreateClient(visitor);
        await owners.CreateProjectAsync("Cups", slug: "cups");
        var room = await visitors.OpenChatAsync("cups");
        var token = await visitors.GetTokenAsync("/login/");
        using var sent = await visitors.SendOldAsync(room, "買！", token);
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, visitor);
        await socket.SendAsync(new { type = "subscribe", room });
        await socket.ReceiveAsync("subscribed");
        await using var ownersSocket = await SocketClient.ConnectAsync(server, $"/ws/chat/{room}/", SocketClient.V1, owner);
        await ownersSocket.ReceiveAsync("subscribed");

        // Only the owner may: to the visitor it is a message form like any other.
        using var notHers = await visitors.PostFormAsync($"/chats/project/cups/{room}/", ("act", "block"));
        Assert.Equal(HttpStatusCode.Forbidden, notHers.StatusCode);
        using var blocked = await owners.PostFormAsync($"/chats/project/cups/{room}/", ("act", "block"));

        Assert.Equal("forbidden", (string?)(await socket.ReceiveAsync("error"))["code"]);
        Assert.True((bool)(await ownersSocket.ReceiveAsync("room"))["archived"]!);
        await socket.SendAsync(new { type = "send", room, message = "still here", nonce = "1" });
        Assert.Equal("forbidden", (string?)(await socket.ReceiveAsync(frame => (string?)frame["nonce"] == "1"))["code"]);
        using var refused = await visitors.SendOldAsync(room, "still here", token);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var page = await visitors.GetAsync(new Uri("/chats/project/cups/", UriKind.Relative), Ct);
        Assert.Equal(HttpStatusCode.Forbidden, page.StatusCode);
        Assert.Contains("提案者已結束與你的對話。", await page.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Equal("/chats/project/cups/", await LedToAsync(visitors, $"/chats/project/cups/{room}/"));
        Assert.True((bool)Assert.Single(await ChatsAsync(owners))!["blocked"]!);
        Assert.Single((await owners.PollOldAsync(room, 0))["messages"]!.AsArray());

        using var unblocked = await owners.PostFormAsync($"/chats/project/cups/{room}/", ("act", "unblock"));
        Assert.Equal(room, (string?)(await socket.ReceiveAsync("room"))["room"]);
        using var again = await visitors.SendOldAsync(room, "謝謝", token);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task Deleting_a_project_closes_its_chats_and_leaves_nothing()
    {
        await using var server = await TestServer.StartAsync();
        var (owner, visitor) = (await server.SignInCookiesAsync("owner"), await server.SignInCookiesAsync("visitor"));
        using var owners = server.CreateClient(owner);
        using var visitors = server.CreateClient(visitor);
        await owners.CreateProjectAsync("Cups", slug: "cups");
        var room = await visitors.OpenChatAsync("cups");
        using var sent = await visitors.SendOldAsync(room, "還有嗎？", await visitors.GetTokenAsync("/login/"));
        await using var plain = await SocketClient.ConnectAsync(server, $"/ws/chat/{room}/", cookies: visitor);
        await using var v1 = await SocketClient.ConnectAsync(server, $"/ws/chat/{room}/", SocketClient.V1, owner);
        await v1.ReceiveAsync("subscribed");
        await using var many = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, visitor);
        await many.SendAsync(new { type = "subscribe", room });
        await many.ReceiveAsync("subscribed");

        using var deleted = await owners.PostFormAsync("/projects/cups/delete/", ("typed_name", "Cups"));

        Assert.Equal(HttpStatusCode.SeeOther, deleted.StatusCode);
        Assert.Equal(4504, await plain.ReceiveCloseAsync());
        Assert.Equal(4504, await v1.ReceiveCloseAsync());
        Assert.Equal(("bad_room", room), await many.ReceiveAsync("error") is var error ? ((string?)error["code"], (string?)error["room"]) : default);
        foreach (var path in new[] { $"/chats/project/cups/{room}/", "/chats/project/cups/", $"/chats/api/get-messages/{room}/", $"/api/v1/rooms/{room}/messages", "/api/v1/projects/cups" })
        {
            using var gone = await visitors.GetAsync(new Uri(path, UriKind.Relative), Ct);
            Assert.True(gone.StatusCode == HttpStatusCode.NotFound, $"{path}: {gone.StatusCode}");
        }
        Assert.DoesNotContain(room, await visitors.GetStringAsync(new Uri("/", UriKind.Relative), Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_title_reaches_open_chats()
    {
        await using var server = await TestServer.StartAsync();
        var visitor = await server.SignInCookiesAsync("visitor");
        using var owners = await server.SignInAsync("owner");
        using var visitors = server.CreateClient(visitor);
        await owners.CreateProjectAsync("Cups", slug: "cups");
        var room = await visitors.OpenChatAsync("cups");
        await using var socket = await SocketClient.ConnectAsync(server, $"/ws/chat/{room}/", SocketClient.V1, visitor);
        await socket.ReceiveAsync("subscribed");

        using var renamed = await owners.PostFormAsync("/projects/cups/edit/", ("title", "Clay cups"), ("description", ""));

        Assert.Equal("Clay cups", (string?)(await socket.ReceiveAsync("room"))["title"]);
        Assert.Contains("Clay cups", await visitors.GetStringAsync(new Uri("/", UriKind.Relative), Ct), StringComparison.Ordinal);
        Assert.Empty((await owners.PollOldAsync(room, 0))["messages"]!.AsArray());
    }

    private static async Task<JsonArray> ChatsAsync(HttpClient owner)
    {
        using var response = await owner.GetAsync(new Uri("/api/v1/projects/cups/chats", UriKind.Relative), Ct);
        return (await response.ReadJsonAsync())["chats"]!.AsArray();
    }

    private static async Task<string?> LedToAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Ct);
        return response.Headers.Location?.OriginalString;
    }
}
