using System.Net;
using Teahouse.Accounts;
using Teahouse.Rooms;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Rooms;

[Trait("Database", "Both"), Trait("Speed", "Medium")]
public sealed class BanTests
{
    private const string Settings = "/room/r/settings/";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("guests")]
    [InlineData("members")]
    [InlineData("private")]
    public async Task For_a_banned_user_there_is_no_such_room(string access)
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        var cookies = await server.SignInCookiesAsync("bob");
        using var bob = server.CreateClient(cookies);
        await alice.CreateRoomAsync("r", access);
        await alice.PostFormAsync(Settings, ("act", "add"), ("username", "bob"));
        await using var plain = await SocketClient.ConnectAsync(server, "/ws/chat/r/", cookies: cookies);
        await using var many = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, cookies);
        await many.SendAsync(new { type = "subscribe", room = "r" });
        await many.ReceiveAsync("subscribed");

        var banned = await alice.PostFormAsync(Settings, ("act", "ban"), ("ban_username", "BOB"));

        Assert.Equal(HttpStatusCode.SeeOther, banned.StatusCode);
        Assert.Equal(4503, await plain.ReceiveCloseAsync());
        Assert.Equal("forbidden", (string?)(await many.ReceiveAsync("error"))["code"]);
        foreach (var path in (string[])["/room/r/", "/chat/r/", "/room/r/settings/", "/api/v1/rooms/r/messages"])
        {
            Assert.Equal(HttpStatusCode.NotFound, (await bob.GetAsync(new Uri(path, UriKind.Relative), Ct)).StatusCode);
        }
        Assert.Equal(HttpStatusCode.NotFound, (await bob.PostFormFromAsync("/", "/room/r/join/")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await bob.PostFormFromAsync("/", "/room/r/", ("content", "let me in"))).StatusCode);
        Assert.DoesNotContain("/room/r/", await ReadAsync(bob, "/"), StringComparison.Ordinal);
        Assert.DoesNotContain("/room/r/", await ReadAsync(bob, "/?q=r"), StringComparison.Ordinal);
        await using var again = await SocketClient.ConnectAsync(server, "/ws/chat/r/", cookies: cookies);
        Assert.Equal(4503, await again.ReceiveCloseAsync());
        await many.SendAsync(new { type = "subscribe", room = "r" });
        Assert.Equal("forbidden", (string?)(await many.ReceiveAsync("error"))["code"]);
    }

    [Fact]
    public async Task A_ban_keeps_out_whoever_adds_and_lifting_it_lets_in()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        using var bob = await server.SignInAsync("bob");
        await alice.CreateRoomAsync("r", "members");
        await alice.PostFormAsync(Settings, ("act", "ban"), ("ban_username", "bob"));

        var added = await alice.PostFormAsync(Settings, ("act", "add"), ("username", "bob"));
        Assert.Equal(HttpStatusCode.Conflict, added.StatusCode);
        Assert.Contains("f-username-error", await added.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Contains("解除封鎖", await ReadAsync(alice, Settings), StringComparison.Ordinal);

        await alice.PostFormAsync(Settings, ("act", "unban"), ("username", "bob"));
        Assert.DoesNotContain("解除封鎖", await ReadAsync(alice, Settings), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await bob.GetAsync(new Uri("/room/r/", UriKind.Relative), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, (await bob.PostFormFromAsync("/room/r/", "/room/r/join/")).StatusCode);
    }

    [Fact]
    public async Task Speaking_at_the_moment_of_a_ban_makes_no_member()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        var bob = new Caller { Kind = CallerKind.User, UserId = await server.AddUserAsync("bob"), Username = "bob", DisplayName = "bob" };
        await alice.CreateRoomAsync("r", "guests");
        var pass = await server.Get<RoomAccess>().FindAsync(bob, "r", Ct);
        await alice.PostFormAsync(Settings, ("act", "ban"), ("ban_username", "bob"));

        await Assert.ThrowsAsync<RefusedException>(() => server.Get<Teahouse.Messages.PostMessage>().ExecuteAsync(pass, new("once more", null)));
        await server.Get<Teahouse.Messages.MarkRead>().ExecuteAsync(pass, 1, Ct);

        Assert.DoesNotContain("once more", await ReadAsync(alice, "/room/r/"), StringComparison.Ordinal);
        await Assert.ThrowsAsync<RefusedException>(() => server.Get<RoomAccess>().FindAsync(bob, "r", Ct));
    }

    [Theory]
    [InlineData("alice", HttpStatusCode.Forbidden)]
    [InlineData("bob", HttpStatusCode.Forbidden)]
    [InlineData("moira", HttpStatusCode.Forbidden)]
    [InlineData("nobody-such", HttpStatusCode.NotFound)]
    [InlineData("carol", HttpStatusCode.SeeOther)]
    [InlineData("stranger", HttpStatusCode.SeeOther)]
    public async Task A_moderator_bans_anybody_but_owners_moderators_and_themselves(string target, HttpStatusCode expected)
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        using var bob = await server.SignInAsync("bob");
        await alice.CreateRoomAsync("r", "members");
        foreach (var name in (string[])["moira", "carol", "stranger"])
        {
            await server.AddUserAsync(name);
        }
        foreach (var name in (string[])["bob", "moira", "carol"])
        {
            await alice.PostFormAsync(Settings, ("act", "add"), ("username", name));
        }
        foreach (var name in (string[])["bob", "moira"])
        {
            await alice.PostFormAsync(Settings, ("act", "role"), ("user_id", $"{await IdAsync(server, name)}"), ("role", "moderator"));
        }

        var response = await bob.PostFormAsync(Settings, ("act", "ban"), ("ban_username", target));

        Assert.Equal(expected, response.StatusCode);
        if (expected != HttpStatusCode.SeeOther)
        {
            Assert.Contains("f-ban_username-error", await response.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_owner_bans_another_owner_but_not_themselves()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        using var bob = await server.SignInAsync("bob");
        await alice.CreateRoomAsync("r", "members");
        await alice.PostFormAsync(Settings, ("act", "add"), ("username", "bob"));
        await alice.PostFormAsync(Settings, ("act", "role"), ("user_id", $"{await IdAsync(server, "bob")}"), ("role", "owner"));

        Assert.Equal(HttpStatusCode.Forbidden, (await bob.PostFormAsync(Settings, ("act", "ban"), ("ban_username", "bob"))).StatusCode);
        Assert.Equal(HttpStatusCode.SeeOther, (await bob.PostFormAsync(Settings, ("act", "ban"), ("ban_username", "alice"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await alice.GetAsync(new Uri(Settings, UriKind.Relative), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await bob.GetAsync(new Uri(Settings, UriKind.Relative), Ct)).StatusCode);
    }

    private static async Task<long> IdAsync(TestServer server, string name) => (await server.Get<AccountQueries>().FindByKeyAsync(name, Ct))!.Id;

    private static async Task<string> ReadAsync(HttpClient client, string path) =>
        WebUtility.HtmlDecode(await client.GetStringAsync(new Uri(path, UriKind.Relative), Ct));
}
