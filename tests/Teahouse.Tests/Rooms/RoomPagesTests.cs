using System.Net;
using System.Text.RegularExpressions;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Rooms;

public sealed partial class RoomPagesTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("lobby", "lobby")]
    [InlineData("茶館", "%E8%8C%B6%E9%A4%A8")]
    [InlineData("Cafe\u0301", "Caf%C3%A9")]
    public async Task A_room_is_made_and_entered(string name, string address)
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");

        var response = await alice.PostFormAsync("/create/", ("name", name), ("title", "My <b>title</b>"), ("topic", "t"), ("access", "members"));

        Assert.Equal(HttpStatusCode.SeeOther, response.StatusCode);
        Assert.Equal($"/room/{address}/", response.Headers.Location?.OriginalString);
        var page = await (await alice.GetAsync(response.Headers.Location, Ct)).Content.ReadAsStringAsync(Ct);
        Assert.Contains("My &lt;b&gt;title&lt;/b&gt;", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>title</b>", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "名稱")]
    [InlineData("a b", "名稱")]
    [InlineData("a/b", "名稱")]
    [InlineData("<x>", "名稱")]
    [InlineData("a\u200bb", "名稱")]
    public async Task A_bad_name_is_refused_beside_its_field_and_the_rest_is_kept(string name, string text)
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");

        var response = await alice.PostFormAsync("/create/", ("name", name), ("title", "kept title"), ("topic", ""), ("access", "private"));

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var page = await response.Content.ReadAsStringAsync(Ct);
        Assert.Contains("id=\"f-name-error\"", page, StringComparison.Ordinal);
        Assert.Contains(text, page, StringComparison.Ordinal);
        Assert.Contains("kept title", page, StringComparison.Ordinal);
        Assert.Matches("value=\"private\" checked", page);
    }

    [Fact]
    public async Task Names_are_unique_without_regard_to_case()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("Ärger", "private");

        var again = await alice.PostFormAsync("/create/", ("name", "äRGER"), ("title", ""), ("topic", ""), ("access", "members"));

        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Contains("f-name-error", await again.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fifty_letters_are_a_name_and_fifty_one_are_not()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        var longest = string.Concat(Enumerable.Repeat("𠮷", 50));

        Assert.Equal(HttpStatusCode.SeeOther, (await alice.PostFormAsync("/create/", ("name", longest), ("access", "members"))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await alice.PostFormAsync("/create/", ("name", longest + "x"), ("access", "members"))).StatusCode);
    }

    [Fact]
    public async Task Who_is_not_signed_in_goes_to_login_whether_the_room_exists_or_not()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("secret", "private");
        await alice.CreateRoomAsync("staff", "members");
        using var nobody = server.CreateClient();

        foreach (var name in (string[])["secret", "staff", "nothing"])
        {
            var response = await nobody.GetAsync(new Uri($"/room/{name}/", UriKind.Relative), Ct);
            Assert.True(response.StatusCode is HttpStatusCode.Redirect or HttpStatusCode.SeeOther);
            Assert.Equal($"/login/?next=%2Froom%2F{name}%2F", response.Headers.Location?.OriginalString);
        }
    }

    [Theory]
    [InlineData("/room/{0}/")]
    [InlineData("/room/{0}/settings/")]
    public async Task A_strangers_answer_for_a_private_room_is_the_one_for_no_room(string path)
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("secret", "private");
        using var mallory = await server.SignInAsync("mallory");

        var secret = await GetAsync(mallory, string.Format(null, path, "secret"));
        var nothing = await GetAsync(mallory, string.Format(null, path, "nosuch"));

        Assert.Equal(HttpStatusCode.NotFound, secret.Status);
        Assert.Equal(HttpStatusCode.NotFound, nothing.Status);
        Assert.Equal(Token().Replace(nothing.Body, "").Replace("nosuch", "secret", StringComparison.Ordinal), Token().Replace(secret.Body, ""));
    }

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
    public async Task A_bad_name_in_the_lobby_address_is_a_clear_page_with_400()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("first");
        using var nobody = server.CreateClient();

        var (status, body) = await GetAsync(nobody, "/chat/no%20spaces/");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("聊天室名稱無效", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Opening_an_unused_name_makes_no_room()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        using var nobody = server.CreateClient();

        Assert.Equal(HttpStatusCode.OK, (await GetAsync(nobody, "/chat/fresh/?username=Mia")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(alice, "/room/fresh/")).Status);
        var sent = await nobody.PostFormAsync("/chat/fresh/", ("content", "first words"));
        Assert.Equal(HttpStatusCode.SeeOther, sent.StatusCode);
        Assert.Contains("first words", (await GetAsync(alice, "/room/fresh/")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_guests_only_users_enter_open_rooms()
    {
        await using var server = await TestServer.StartAsync([("GUESTS", "off")]);
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("open", "guests");
        using var nobody = server.CreateClient();

        Assert.NotEqual(HttpStatusCode.OK, (await GetAsync(nobody, "/chat/open/?username=Mia")).Status);
        Assert.NotEqual(HttpStatusCode.OK, (await GetAsync(nobody, "/room/open/")).Status);
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/open/");
        Assert.Equal(4503, await socket.ReceiveCloseAsync());
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(alice, "/room/open/")).Status);
    }

    [Fact]
    public async Task The_lobby_leads_to_the_room_with_the_nickname()
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("first");
        using var nobody = server.CreateClient();

        var response = await nobody.PostFormAsync("/chat/", ("name", "茶館"), ("username", "小明"));
        Assert.Equal("/chat/%E8%8C%B6%E9%A4%A8/?username=%E5%B0%8F%E6%98%8E", response.Headers.Location?.OriginalString);

        var taken = await nobody.PostFormAsync("/chat/", ("name", "r"), ("username", "First"));
        Assert.Equal(HttpStatusCode.BadRequest, taken.StatusCode);
        Assert.Contains("f-username-error", await taken.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
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
    public async Task A_form_without_its_token_is_forbidden()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");

        using var form = new FormUrlEncodedContent([new("name", "r"), new("access", "members")]);
        var response = await alice.PostAsync(new Uri("/create/", UriKind.Relative), form, Ct);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(alice, "/room/r/")).Status);
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(HttpClient client, string path)
    {
        var response = await client.GetAsync(new Uri(path, UriKind.Relative), Ct);
        return (response.StatusCode, WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync(Ct)));
    }

    /// <summary>Request tokens, new on every page.</summary>
    [GeneratedRegex("CfDJ8[A-Za-z0-9_-]+")]
    private static partial Regex Token();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tag();
}
