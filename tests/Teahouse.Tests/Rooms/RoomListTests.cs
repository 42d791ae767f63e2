using System.Net;
using System.Text.RegularExpressions;
using Teahouse.Messages;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Rooms;

/// <summary>My rooms, and those I may join.</summary>
[Trait("Database", "Both"), Trait("Speed", "Medium")]
public sealed class RoomListTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Open_rooms_are_offered_and_private_ones_are_not()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        using var bob = await server.SignInAsync("bob");
        await alice.CreateRoomAsync("everyone", "guests");
        await alice.CreateRoomAsync("staff", "members");
        await alice.CreateRoomAsync("secret", "private");
        await alice.CreateRoomAsync("closed", "members");
        await alice.PostFormAsync("/room/closed/settings/", ("act", "archive"));

        var page = await ReadAsync(bob, "/");

        Assert.Contains("/room/everyone/", page, StringComparison.Ordinal);
        Assert.Contains("/room/staff/", page, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/room/closed/", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/room/secret/", await ReadAsync(bob, "/?q=secret"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ÄRGER")]
    [InlineData("sAAl")]
    [InlineData("喝茶")]
    [InlineData("100%")]
    public async Task Search_finds_names_titles_and_topics_in_any_case(string text)
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        using var bob = await server.SignInAsync("bob");
        await alice.PostFormAsync("/create/", ("name", "Saal"), ("title", "Großer Ärger"), ("topic", "一起喝茶 100%"), ("access", "members"));
        await alice.CreateRoomAsync("other-1000", "members");

        var page = await ReadAsync(bob, $"/?q={Uri.EscapeDataString(text)}");

        Assert.Contains("/room/Saal/", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/room/other-1000/", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_search_cut_in_the_middle_of_a_character_is_no_fault()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");

        var response = await alice.GetAsync(new Uri($"/?q={new string('a', 99)}{Uri.EscapeDataString("𠮷")}", UriKind.Relative), Ct);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Others_words_are_unread_and_ones_own_acts_are_not()
    {
        await using var server = await TestServer.StartAsync();
        var aliceId = await server.AddUserAsync("alice");
        var bobId = await server.AddUserAsync("bob");
        using var alice = await server.SignInAsync("alice");
        using var bob = await server.SignInAsync("bob");
        await alice.CreateRoomAsync("r", "members");
        await alice.PostFormAsync("/room/r/settings/", ("act", "update"), ("title", "T"), ("topic", ""), ("access", "members"));
        Assert.Equal(0, (await MineAsync(server, aliceId)).Unread);

        await bob.PostFormFromAsync("/", "/room/r/join/");
        Assert.Equal((1, 0), ((await MineAsync(server, aliceId)).Unread, (await MineAsync(server, bobId)).Unread));

        await bob.PostFormAsync("/room/r/", ("content", "hello"));
        Assert.Equal((2, 0), ((await MineAsync(server, aliceId)).Unread, (await MineAsync(server, bobId)).Unread));

        // With something unread before it, an act of one's own moves no mark.
        await alice.PostFormAsync("/room/r/settings/", ("act", "update"), ("title", "T2"), ("topic", ""), ("access", "members"));
        Assert.True((await MineAsync(server, aliceId)).Unread >= 2);
        Assert.Equal(1, (await MineAsync(server, bobId)).Unread);
    }

    [Fact]
    public async Task Who_is_added_finds_the_room_unread_in_their_list()
    {
        await using var server = await TestServer.StartAsync();
        var bobId = await server.AddUserAsync("bob");
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("den", "private");
        await alice.PostFormAsync("/room/den/", ("content", "before bob"));

        await alice.PostFormAsync("/room/den/settings/", ("act", "add"), ("username", "bob"));

        Assert.Equal(1, (await MineAsync(server, bobId)).Unread);
    }

    [Fact]
    public async Task Nobody_gets_a_list_without_signing_in()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("staff", "members");
        using var nobody = server.CreateClient();

        foreach (var path in (string[])["/", "/?q=staff", "/?handler=List", "/create/"])
        {
            var response = await nobody.GetAsync(new Uri(path, UriKind.Relative), Ct);
            Assert.DoesNotContain("staff", await response.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
            Assert.True(response.StatusCode is HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.OK, $"{path}: {response.StatusCode}");
        }
        Assert.DoesNotContain("staff", await ReadAsync(nobody, "/chat/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_very_many_rooms_a_page_has_the_first_and_a_link_to_all()
    {
        await using var server = await TestServer.StartAsync();
        await JoinManyAsync(server, await server.AddUserAsync("bob"), 150);
        using var bob = await server.SignInAsync("bob");
        using var alice = await server.SignInAsync("alice");
        await alice.PostFormAsync("/room/r3/", ("content", "哈囉"));

        var page = await ReadAsync(bob, "/room/r7/");
        var all = await ReadAsync(bob, "/?all=true");

        var first = NamesOf(page);
        Assert.Equal(100, first.Count);
        Assert.Equal("r3", first[0]);
        Assert.Contains("r7", first);
        Assert.Contains("href=\"/?all=true\"", page, StringComparison.Ordinal);
        // The rest is only followed.
        var others = Regex.Match(page, "data-others=\"(.*?)\"").Groups[1].Value.Split(',').Select(other => other.Split(' ')[0]).ToList();
        Assert.Equal(Enumerable.Range(0, 150).Select(i => $"r{i}").Order(StringComparer.Ordinal), first.Concat(others).Order(StringComparer.Ordinal));
        Assert.Equal(150, NamesOf(all).Count);
        Assert.DoesNotContain("href=\"/?all=true\"", all, StringComparison.Ordinal);
    }

    private static List<string> NamesOf(string page) => [.. Regex.Matches(page, "class=\"room-row[^>]*data-room=\"(.*?)\"").Select(match => match.Groups[1].Value)];

    private static Task JoinManyAsync(TestServer server, long userId, int count) => server.Get<Db>().WriteAsync(async session =>
    {
        var store = server.Get<RoomStore>();
        for (var i = 0; i < count; i++)
        {
            var at = DateTimeOffset.UnixEpoch.AddDays(count - i);
            var room = await store.InsertAsync(session, "room", $"r{i}", $"Room {i}", "", Access.Members, null, at);
            await store.AddMemberAsync(session, room!.Id, userId, Role.Member, 0, at);
        }
    }, Ct);

    private static async Task<MyRoom> MineAsync(TestServer server, long userId) =>
        (await server.Get<Db>().ReadAsync(session => server.Get<RoomListQueries>().ListMineAsync(session, userId), Ct)).Rooms[0];

    private static async Task<string> ReadAsync(HttpClient client, string path) =>
        WebUtility.HtmlDecode(await (await client.GetAsync(new Uri(path, UriKind.Relative), Ct)).Content.ReadAsStringAsync(Ct));
}
