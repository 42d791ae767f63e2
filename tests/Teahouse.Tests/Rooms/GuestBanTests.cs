using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Accounts;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Tests.Support;
using Teahouse.Web;

namespace Teahouse.Tests.Rooms;

[Trait("Database", "Both"), Trait("Speed", "Medium")]
public sealed class GuestBanTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_guest_is_kept_out_by_their_cookie_and_let_in_again()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await OwnerAsync(server);
        var (guest, cookies) = await GuestAsync(server, "茶客");
        var (other, _) = await GuestAsync(server, "路人");
        using var a = guest;
        using var b = other;
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/r/", SocketClient.V1, cookies);
        await using var many = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, cookies);
        await many.SendAsync(new { type = "subscribe", room = "r" });
        await many.ReceiveAsync("subscribed");
        var said = await SayAsync(guest, "spam");
        await owner.CreateRoomAsync("other", "guests");

        using var banned = await owner.PostAsJsonAsync("/api/v1/rooms/r/bans/guests", new { message = said, address = false }, Ct);

        Assert.Equal(HttpStatusCode.NoContent, banned.StatusCode);
        Assert.Equal(4503, await socket.ReceiveCloseAsync());
        Assert.Equal("forbidden", (string?)(await many.ReceiveAsync("error"))["code"]);
        await using (var again = await SocketClient.ConnectAsync(server, "/ws/chat/r/", cookies: cookies))
        {
            Assert.Equal(4503, await again.ReceiveCloseAsync());
        }
        Assert.Equal(404, await StatusAsync(guest, "/api/v1/rooms/r/messages"));
        Assert.Equal(200, await StatusAsync(guest, "/api/v1/rooms/other/messages"));
        // By the cookie alone: others from there come in.
        Assert.Equal(200, await StatusAsync(other, "/api/v1/rooms/r/messages"));

        var list = await owner.GetFromJsonAsync<JsonObject>("/api/v1/rooms/r/bans", Ct);
        var ban = Assert.Single(list!["guests"]!.AsArray())!;
        Assert.Equal(("茶客", false), ((string?)ban["nickname"], (bool)ban["address"]!));
        Assert.Contains("茶客", await owner.GetStringAsync(new Uri("/room/r/settings/", UriKind.Relative), Ct), StringComparison.Ordinal);
        await owner.PostFormAsync("/room/r/settings/", ("act", "unban_guest"), ("ban_id", $"{ban["id"]}"));
        Assert.Equal(200, await StatusAsync(guest, "/api/v1/rooms/r/messages"));
        Assert.Equal(["guest_banned r 茶客", "guest_unbanned r 茶客"], await server.Get<Db>().ReadAsync(session =>
            session.QueryAsync<string>("SELECT action || ' ' || target || ' ' || detail FROM audit_log WHERE action LIKE 'guest_%' ORDER BY id LIMIT 9"), Ct));
    }

    [Fact]
    public async Task By_the_address_everybody_without_an_account_is_kept_out()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await OwnerAsync(server);
        using var user = await server.SignInAsync("bob");
        var (guest, _) = await GuestAsync(server, "茶客");
        var (far, farCookies) = await GuestAsync(server, "遠客", "203.0.113.7");
        var (near, nearCookies) = await GuestAsync(server, "鄰居");
        using var a = guest;
        using var b = far;
        using var c = near;
        await using var nearby = await SocketClient.ConnectAsync(server, "/ws/chat/r/", SocketClient.V1, nearCookies);
        await using var away = await SocketClient.ConnectAsync(server, "/ws/chat/r/", SocketClient.V1, farCookies, ("X-Forwarded-For", "203.0.113.7"));
        await away.ReceiveAsync("subscribed");
        var said = await SayAsync(guest, "spam");

        using var banned = await owner.PostAsJsonAsync("/api/v1/rooms/r/bans/guests", new { message = said, address = true }, Ct);

        Assert.Equal(HttpStatusCode.NoContent, banned.StatusCode);
        Assert.Equal(4503, await nearby.ReceiveCloseAsync());
        using var nobody = server.CreateClient();
        Assert.Equal(404, await StatusAsync(nobody, "/api/v1/rooms/r/messages"));
        Assert.Equal(200, await StatusAsync(user, "/api/v1/rooms/r/messages"));
        Assert.Equal(200, await StatusAsync(far, "/api/v1/rooms/r/messages"));
        await SayAsync(far, "still here");
        await away.ReceiveAsync(frame => (string?)frame["message"] == "still here");
    }

    [Fact]
    public async Task Only_who_governs_the_room_bans_and_only_whom_they_can_name()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await OwnerAsync(server);
        using var member = await server.CreateBotAsync("bob");
        var (guest, _) = await GuestAsync(server, "茶客");
        using var a = guest;
        var said = await SayAsync(guest, "hello");
        var own = await SayAsync(owner, "mine");

        Assert.Equal(403, await BanAsync(member, said));
        Assert.Equal(401, await BanAsync(guest, said));
        Assert.Equal(404, await BanAsync(owner, 999_999));
        Assert.Equal(400, await BanAsync(owner, own));
        Assert.Equal(403, await StatusAsync(member, "/api/v1/rooms/r/bans"));
        Assert.Equal(200, await StatusAsync(guest, "/api/v1/rooms/r/messages"));

        static async Task<int> BanAsync(HttpClient client, long message)
        {
            using var answer = await client.PostAsJsonAsync("/api/v1/rooms/r/bans/guests", new { message }, Ct);
            return (int)answer.StatusCode;
        }
    }

    [Fact]
    public async Task An_administrator_keeps_a_guest_out_of_everything()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await OwnerAsync(server);
        var (guest, cookies) = await GuestAsync(server, "茶客");
        using var a = guest;
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/r/", SocketClient.V1, cookies);
        await socket.ReceiveAsync("subscribed");
        var id = await server.Get<Db>().ReadAsync(session => session.GetAsync<string>("SELECT id FROM guests"), Ct);
        var admin = new Caller { Kind = CallerKind.User, UserId = await server.AddUserAsync("root", isAdmin: true), Username = "root", IsAdmin = true };

        await Assert.ThrowsAsync<RefusedException>(() => server.Get<BanGuest>().ExecuteAsync(admin with { IsAdmin = false }, id, "茶客", withAddress: false, Ct));
        await server.Get<BanGuest>().ExecuteAsync(admin, id, "茶客", withAddress: false, Ct);

        Assert.Equal(4503, await socket.ReceiveCloseAsync());
        Assert.Equal(404, await StatusAsync(guest, "/api/v1/rooms/r/messages"));
        await using var unborn = await SocketClient.ConnectAsync(server, "/ws/chat/not-yet-there/", cookies: cookies);
        Assert.Equal(4503, await unborn.ReceiveCloseAsync());
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("::1", "::1")]
    public void An_address_is_banned_as_one_subscribers(string address, string network) => Assert.Equal(network, ClientNetwork.Of(IPAddress.Parse(address)));

    private static async Task<HttpClient> OwnerAsync(TestServer server)
    {
        using var browser = await server.SignInAsync("alice");
        await browser.CreateRoomAsync("r", "guests");
        var client = await server.SignInAsync("alice");
        client.DefaultRequestHeaders.Add("X-CSRFToken", await client.GetTokenAsync("/"));
        return client;
    }

    private static async Task<(HttpClient Client, CookieContainer Cookies)> GuestAsync(TestServer server, string nickname, string? address = null)
    {
        var cookies = new CookieContainer();
        var client = server.CreateClient(cookies);
        if (address is not null)
        {
            client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        }
        client.DefaultRequestHeaders.Add("X-CSRFToken", await client.GetTokenAsync($"/chat/r/?username={Uri.EscapeDataString(nickname)}"));
        return (client, cookies);
    }

    private static async Task<long> SayAsync(HttpClient client, string text)
    {
        using var answer = await client.PostAsJsonAsync("/api/v1/rooms/r/messages", new { message = text }, Ct);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
        return (long)(await answer.Content.ReadFromJsonAsync<JsonObject>(Ct))!["id"]!;
    }

    private static async Task<int> StatusAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Ct);
        return (int)answer.StatusCode;
    }
}
