using System.Net;
using System.Text.RegularExpressions;
using Teahouse.Tests.Support;
using static Teahouse.Tests.Rooms.RoomPagesTests;

namespace Teahouse.Tests.Rooms;

/// <summary>What owners and moderators do on a room's settings page.</summary>
[Trait("Speed", "Medium")]
public sealed partial class RoomSettingsPageTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ordinary_members_have_no_settings_page()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        using var bob = await server.SignInAsync("bob");
        await alice.CreateRoomAsync("staff", "members");
        await bob.PostFormFromAsync("/room/staff/", "/room/staff/join/");

        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(bob, "/room/staff/settings/")).Status);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(alice, "/room/staff/settings/")).Status);
    }

    [Fact]
    public async Task Settings_are_changed_and_said_in_the_room()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("r", "members");

        var saved = await alice.PostFormAsync("/room/r/settings/", ("act", "update"), ("title", "新標題"), ("topic", "喝茶"), ("access", "guests"));

        Assert.Equal(HttpStatusCode.SeeOther, saved.StatusCode);
        var text = Tag().Replace((await GetAsync(alice, "/room/r/")).Body, "").Replace("\u2068", "", StringComparison.Ordinal).Replace("\u2069", "", StringComparison.Ordinal);
        Assert.Contains("alice 建立了聊天室", text, StringComparison.Ordinal);
        Assert.Contains("alice 將標題改為「新標題」", text, StringComparison.Ordinal);
        using var nobody = server.CreateClient();
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(nobody, "/chat/r/")).Status);
    }

    [Fact]
    public async Task What_was_done_is_said_by_name()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await server.AddUserAsync("bob");
        await alice.CreateRoomAsync("r", "members");

        await alice.PostFormAsync("/room/r/settings/", ("act", "ban"), ("ban_username", "bob"));
        var page = WebUtility.HtmlDecode((await GetAsync(alice, "/room/r/settings/")).Body);

        Assert.Contains("已封鎖 \u2068bob\u2069", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_room_is_downloaded_from_its_settings()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("茶館", "private");
        await alice.PostFormFromAsync("/room/茶館/", "/room/茶館/", ("content", "早安"));
        var page = (await GetAsync(alice, "/room/茶館/settings/")).Body;
        var links = Download().Matches(page).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value)).ToList();

        var files = (await Task.WhenAll(links.Select(link => alice.GetByteArrayAsync(new Uri(link, UriKind.Relative), Ct)))).Select(System.Text.Encoding.UTF8.GetString).ToArray();

        Assert.Equal(2, files.Length);
        Assert.StartsWith("\ufeffseq,time,", files[0], StringComparison.Ordinal);
        Assert.All(files, file => Assert.Contains("早安", file, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_archived_room_is_read_only()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("r", "guests");
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/r/");

        await alice.PostFormAsync("/room/r/settings/", ("act", "archive"));
        await socket.SendAsync(new { message = "too late" });
        var error = await socket.ReceiveAsync(frame => frame.ContainsKey("code"));

        Assert.Equal("forbidden", (string?)error["code"]);
        Assert.Equal(HttpStatusCode.Forbidden, (await alice.PostFormFromAsync("/room/r/settings/", "/room/r/", ("content", "x"))).StatusCode);
        await alice.PostFormAsync("/room/r/settings/", ("act", "unarchive"));
        await socket.SendAsync(new { message = "again" });
        await socket.ReceiveAsync(frame => (string?)frame["message"] == "again");
    }

    [Fact]
    public async Task Deleting_needs_the_typed_name_and_ends_sockets_and_messages()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("r", "guests");
        await using var plain = await SocketClient.ConnectAsync(server, "/ws/chat/r/");
        await using var many = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1);
        await many.SendAsync(new { type = "subscribe", room = "r" });
        await many.ReceiveAsync("subscribed");

        var wrong = await alice.PostFormAsync("/room/r/settings/", ("act", "delete"), ("typed_name", "x"));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(alice, "/room/r/")).Status);

        await alice.PostFormAsync("/room/r/settings/", ("act", "delete"), ("typed_name", "R"));

        Assert.Equal(4504, await plain.ReceiveCloseAsync());
        var gone = await many.ReceiveAsync("error");
        Assert.Equal("r", (string?)gone["room"]);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(alice, "/room/r/")).Status);
    }

    [Fact]
    public async Task A_removed_member_is_out_at_once()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        var bobCookies = await server.SignInCookiesAsync("bob");
        using var bob = server.CreateClient(bobCookies);
        await alice.CreateRoomAsync("den", "private");
        var refused = await SocketClient.ConnectAsync(server, "/ws/chat/den/", cookies: bobCookies);
        Assert.Equal(4503, await refused.ReceiveCloseAsync());
        await alice.PostFormAsync("/room/den/settings/", ("act", "add"), ("username", "BOB"));
        await using var one = await SocketClient.ConnectAsync(server, "/ws/chat/den/", cookies: bobCookies);
        await using var many = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, bobCookies);
        await many.SendAsync(new { type = "subscribe", room = "den" });
        await many.ReceiveAsync("subscribed");
        await one.SendAsync(new { message = "here" });
        await one.ReceiveAsync(frame => (string?)frame["message"] == "here");

        var bobId = (await server.Get<Teahouse.Accounts.AccountQueries>().FindByKeyAsync("bob", Ct))!.Id;
        await alice.PostFormAsync("/room/den/settings/", ("act", "remove"), ("user_id", $"{bobId}"));

        Assert.Equal(4503, await one.ReceiveCloseAsync());
        Assert.Equal("forbidden", (string?)(await many.ReceiveAsync("error"))["code"]);
        await many.SendAsync(new { type = "send", room = "den", message = "still?", nonce = "1" });
        Assert.Equal("forbidden", (string?)(await many.ReceiveAsync("error"))["code"]);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(bob, "/room/den/")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(bob, "/api/v1/rooms/den/messages")).Status);
    }

    [Fact]
    public async Task Narrowing_access_puts_out_who_may_no_longer_enter()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        var bobCookies = await server.SignInCookiesAsync("bob");
        await alice.CreateRoomAsync("r", "guests");
        await using var guest = await SocketClient.ConnectAsync(server, "/ws/chat/r/");
        await using var bob = await SocketClient.ConnectAsync(server, "/ws/chat/r/", cookies: bobCookies);

        await alice.PostFormAsync("/room/r/settings/", ("act", "update"), ("title", "r"), ("topic", ""), ("access", "members"));
        Assert.Equal(4503, await guest.ReceiveCloseAsync());
        await alice.PostFormAsync("/room/r/settings/", ("act", "update"), ("title", "r"), ("topic", ""), ("access", "private"));
        Assert.Equal(4503, await bob.ReceiveCloseAsync());
    }

    [Fact]
    public async Task The_last_owner_stays_and_moderators_touch_only_members()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        using var bob = await server.SignInAsync("bob");
        await server.AddUserAsync("carol");
        await alice.CreateRoomAsync("r", "members");
        var ids = new Dictionary<string, long>();
        foreach (var name in (string[])["alice", "bob", "carol"])
        {
            ids[name] = (await server.Get<Teahouse.Accounts.AccountQueries>().FindByKeyAsync(name, Ct))!.Id;
        }
        await alice.PostFormAsync("/room/r/settings/", ("act", "add"), ("username", "bob"));
        await alice.PostFormAsync("/room/r/settings/", ("act", "add"), ("username", "carol"));
        await alice.PostFormAsync("/room/r/settings/", ("act", "role"), ("user_id", $"{ids["bob"]}"), ("role", "moderator"));

        Assert.Equal(HttpStatusCode.Conflict, (await alice.PostFormAsync("/room/r/settings/", ("act", "leave"))).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await alice.PostFormAsync("/room/r/settings/", ("act", "role"), ("user_id", $"{ids["alice"]}"), ("role", "member"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await bob.PostFormAsync("/room/r/settings/", ("act", "remove"), ("user_id", $"{ids["alice"]}"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await bob.PostFormAsync("/room/r/settings/", ("act", "role"), ("user_id", $"{ids["bob"]}"), ("role", "owner"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await bob.PostFormAsync("/room/r/settings/", ("act", "delete"), ("typed_name", "r"))).StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, (await bob.PostFormAsync("/room/r/settings/", ("act", "remove"), ("user_id", $"{ids["carol"]}"))).StatusCode);
        await alice.PostFormAsync("/room/r/settings/", ("act", "role"), ("user_id", $"{ids["bob"]}"), ("role", "owner"));
        Assert.Equal(HttpStatusCode.SeeOther, (await alice.PostFormAsync("/room/r/settings/", ("act", "leave"))).StatusCode);
    }

    [Fact]
    public async Task Who_leaves_an_open_room_stays_out_of_it_though_it_is_open_elsewhere()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        var bobs = await server.SignInCookiesAsync("bob");
        using var bob = server.CreateClient(bobs);
        await alice.CreateRoomAsync("r", "members");
        await alice.PostFormAsync("/room/r/settings/", ("act", "add"), ("username", "bob"));
        await using var elsewhere = await SocketClient.ConnectAsync(server, "/ws/chat/r/", SocketClient.V1, bobs);
        await elsewhere.ReceiveAsync("subscribed");

        using var left = await bob.PostFormFromAsync("/room/r/", "/room/r/leave/");
        var told = await elsewhere.ReceiveAsync(frame => (string?)frame["event"]?["type"] == "member_left");
        await elsewhere.SendAsync(new { type = "read", room = "r", seq = (long)told["seq"]! });
        await elsewhere.SendAsync(new { type = "ping" });
        await elsewhere.ReceiveAsync("pong");

        Assert.DoesNotContain("bob", (await alice.GetStringAsync(new Uri("/api/v1/rooms/r/members", UriKind.Relative), Ct)), StringComparison.Ordinal);
        // Whoever speaks there again belongs to it again.
        await elsewhere.SendAsync(new { type = "send", room = "r", message = "back", nonce = "n" });
        await elsewhere.ReceiveAsync("ack");
        Assert.Contains("bob", (await alice.GetStringAsync(new Uri("/api/v1/rooms/r/members", UriKind.Relative), Ct)), StringComparison.Ordinal);
    }

    [GeneratedRegex("""<a class="btn" href="([^"]+)" download>""")]
    private static partial Regex Download();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tag();
}
