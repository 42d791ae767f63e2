using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Accounts;

public sealed class AvatarColourTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private TestServer Server => shared.Server;

    [Fact, Trait("Database", "Both")]
    public async Task Everybody_sees_the_colour_somebody_chose_and_older_clients_notice_nothing()
    {
        var cookies = await Server.SignInCookiesAsync("amy");
        using var amy = Server.CreateClient(cookies);
        using var ben = await Server.SignInAsync("ben");
        await amy.CreateRoomAsync("loom", "members");
        // Open before the choice, as a page in another tab is.
        await using var socket = await SocketClient.ConnectAsync(Server, "/ws/chat/loom/", SocketClient.V1, cookies);
        await using var listener = await SocketClient.ConnectAsync(Server, "/ws/chat/loom/", SocketClient.V1, await Server.SignInCookiesAsync("ben"));
        await using var older = await SocketClient.ConnectAsync(Server, "/ws/chat/loom/", cookies: cookies);
        await socket.ReceiveAsync("subscribed");
        await listener.ReceiveAsync("subscribed");

        await older.SendAsync(new { message = "before", nonce = "c1" });
        var plainBefore = await older.ReceiveAsync(frame => (string?)frame["message"] == "before");
        var before = await listener.ReceiveAsync(frame => (string?)frame["message"] == "before");
        using var chosen = await amy.PostFormAsync("/settings/", ("act", "profile"), ("display_name", "艾米"), ("avatar_colour", "3"));
        await socket.SendAsync(new { type = "send", room = "loom", message = "after", nonce = "c2" });
        var plainAfter = await older.ReceiveAsync(frame => (string?)frame["message"] == "after");
        var after = await listener.ReceiveAsync(frame => (string?)frame["message"] == "after");
        await older.SendAsync(new { message = "from an older page" });
        var fromOlder = await listener.ReceiveAsync(frame => (string?)frame["message"] == "from an older page");

        Assert.Equal(HttpStatusCode.SeeOther, chosen.StatusCode);
        Assert.False(before.ContainsKey("avatar_colour"));
        Assert.Equal((3, "艾米"), ((int?)after["avatar_colour"], (string?)after["display_name"]));
        Assert.Equal(3, (int?)fromOlder["avatar_colour"]);
        Assert.Equal(plainBefore.Select(field => field.Key), plainAfter.Select(field => field.Key));
        // History knows what is so now, for what was said before too.
        var history = await GetAsync(ben, "/api/v1/rooms/loom/messages");
        Assert.All(history["messages"]!.AsArray().Where(message => (string?)message!["user"] == "amy"), message => Assert.Equal(3, (int?)message!["avatar_colour"]));
        var room = await ben.GetStringAsync(new Uri("/room/loom/", UriKind.Relative), Ct);
        Assert.Matches("""(?s)data-author="amy".{0,400}avatar avatar-3 """, room);
        Assert.Matches("""(?s)data-user="amy".{0,200}avatar avatar-3 avatar-sm""", room);
        Assert.Matches("""(?s)avatar avatar-3 avatar-sm.{0,400}<bdi>艾米</bdi>""", await amy.GetStringAsync(new Uri("/room/loom/settings/", UriKind.Relative), Ct));
        Assert.Equal(3, (int?)(await GetAsync(ben, "/api/v1/users?q=amy"))["users"]![0]!["avatar_colour"]);
        Assert.Equal(3, (int?)(await GetAsync(ben, "/api/v1/rooms/loom/members/amy"))["avatar_colour"]);
        Assert.Equal(3, (int?)(await GetAsync(amy, "/api/v1/me"))["avatar_colour"]);
        Assert.Null((await GetAsync(ben, "/api/v1/me"))["avatar_colour"]);
    }

    [Fact]
    public async Task A_projects_owner_sees_it_in_the_list_of_chats()
    {
        using var owner = await Server.SignInAsync("cora");
        using var visitor = await Server.SignInAsync("dan");
        (await owner.PostFormAsync("/projects/new/", ("title", "織布"), ("slug", "weaving"), ("description", ""))).Dispose();
        (await visitor.PostFormAsync("/settings/", ("act", "profile"), ("avatar_colour", "7"))).Dispose();
        (await owner.PostFormAsync("/settings/", ("act", "profile"), ("avatar_colour", "8"))).Dispose();
        (await visitor.PostFormFromAsync("/chats/project/weaving/", "/chats/project/weaving/", ("content", "您好"))).Dispose();

        var list = await owner.GetStringAsync(new Uri("/chats/project/weaving/list/", UriKind.Relative), Ct);
        var project = await visitor.GetStringAsync(new Uri("/projects/weaving/", UriKind.Relative), Ct);

        Assert.Matches("""(?s)<a class="list-link.{0,200}avatar avatar-7 """, list);
        Assert.Matches("""(?s)class="by-line".{0,200}avatar avatar-8 """, project);
    }

    [Fact]
    public async Task The_choice_can_be_taken_back_and_is_shown_where_it_is_made()
    {
        using var client = await Server.SignInAsync("eva");

        (await client.PostFormAsync("/settings/", ("act", "profile"), ("avatar_colour", "0"))).Dispose();
        var chosen = await client.GetStringAsync(new Uri("/settings/", UriKind.Relative), Ct);
        (await client.PostFormAsync("/settings/", ("act", "profile"), ("avatar_colour", ""))).Dispose();
        var back = await client.GetStringAsync(new Uri("/settings/", UriKind.Relative), Ct);

        Assert.Matches("""name="avatar_colour" value="0" checked""", chosen);
        Assert.DoesNotMatch("""name="avatar_colour" value="" checked""", chosen);
        Assert.Contains("翡翠綠", chosen, StringComparison.Ordinal);
        Assert.Matches("""name="avatar_colour" value="" checked""", back);
        Assert.Null((await GetAsync(client, "/api/v1/me"))["avatar_colour"]);
    }

    [Fact]
    public async Task A_program_keeps_the_colour_of_its_name()
    {
        using var fay = await Server.SignInAsync("fay");
        (await fay.PostFormAsync("/settings/", ("act", "profile"), ("avatar_colour", "5"))).Dispose();
        await fay.CreateRoomAsync("chime", "members");
        using var bot = await Server.CreateBotAsync("fay", botName: "報時鳥");

        using var posted = await bot.PostAsJsonAsync("/api/v1/rooms/chime/messages", new { message = "三點" }, Ct);

        var said = (await GetAsync(fay, "/api/v1/rooms/chime/messages"))["messages"]!.AsArray().Single(message => (string?)message!["message"] == "三點")!.AsObject();
        Assert.False(said.ContainsKey("avatar_colour"));
        Assert.False(JsonNode.Parse(await posted.Content.ReadAsStringAsync(Ct))!.AsObject().ContainsKey("avatar_colour"));
    }

    [Theory]
    [InlineData("10")]
    [InlineData("-1")]
    [InlineData("٣")]
    [InlineData("red")]
    public async Task What_is_no_colour_is_refused(string value)
    {
        using var client = await Server.SignInAsync("gil");

        using var answer = await client.PostFormAsync("/settings/", ("act", "profile"), ("avatar_colour", value));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Null((await GetAsync(client, "/api/v1/me"))["avatar_colour"]);
    }

    private static async Task<JsonNode> GetAsync(HttpClient client, string path) =>
        (await client.GetFromJsonAsync<JsonNode>(new Uri(path, UriKind.Relative), Ct))!;
}
