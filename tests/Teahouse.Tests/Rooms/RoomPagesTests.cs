using System.Net;
using System.Text.RegularExpressions;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Rooms;

[Trait("Speed", "Medium")]
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

        // System E's form has a name only.
        Assert.Equal(HttpStatusCode.SeeOther, (await alice.PostFormAsync("/create/", ("name", longest))).StatusCode);
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
    public async Task The_lobby_shows_the_open_rooms_that_somebody_owns_and_asks_for_the_nickname_first()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("plaza", "guests");
        await alice.CreateRoomAsync("staff", "members");
        using var guest = server.CreateClient();
        await guest.GetStringAsync("/chat/whispers/?username=Mei", TestContext.Current.CancellationToken);
        await guest.PostFormFromAsync("/chat/whispers/", "/chat/whispers/", ("content", "hush"));
        using var visitor = server.CreateClient();

        var lobby = await visitor.GetStringAsync("/chat/", TestContext.Current.CancellationToken);
        var nameless = await visitor.PostFormAsync("/chat/", ("name", ""), ("pick", "plaza"), ("username", ""));
        var named = await visitor.PostFormAsync("/chat/", ("name", ""), ("pick", "plaza"), ("username", "Leo"));

        Assert.Contains("value=\"plaza\"", lobby, StringComparison.Ordinal);
        Assert.DoesNotContain("staff", lobby, StringComparison.Ordinal);
        Assert.DoesNotContain("whispers", lobby, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, nameless.StatusCode);
        Assert.Contains("id=\"f-username-error\"", await nameless.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("/chat/plaza/?username=Leo", named.Headers.Location?.OriginalString);
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
    public async Task A_form_without_its_token_is_forbidden()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");

        using var form = new FormUrlEncodedContent([new("name", "r"), new("access", "members")]);
        var response = await alice.PostAsync(new Uri("/create/", UriKind.Relative), form, Ct);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(alice, "/room/r/")).Status);
    }

    internal static async Task<(HttpStatusCode Status, string Body)> GetAsync(HttpClient client, string path)
    {
        var response = await client.GetAsync(new Uri(path, UriKind.Relative), Ct);
        return (response.StatusCode, WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync(Ct)));
    }

    /// <summary>Request tokens, new on every page.</summary>
    [GeneratedRegex("CfDJ8[A-Za-z0-9_-]+")]
    private static partial Regex Token();
}
