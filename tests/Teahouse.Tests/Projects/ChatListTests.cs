using System.Globalization;
using System.Text.RegularExpressions;
using Teahouse.Messages;
using Teahouse.Projects;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Projects;

/// <summary>The owner's list of a project's chats.</summary>
[Trait("Database", "Both")]
public sealed partial class ChatListTests
{
    private const int Many = 1000;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_latest_chat_comes_first_with_what_is_unread()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await server.SignInAsync("owner");
        await owner.CreateProjectAsync("Cups", slug: "cups");
        using var amy = await server.SignInAsync("amy");
        using var ben = await server.SignInAsync("ben");
        var (amys, bens) = (await amy.OpenChatAsync("cups"), await ben.OpenChatAsync("cups"));
        await SayAsync(amy, amys, "第一句");
        await SayAsync(ben, bens, "借過");
        await SayAsync(amy, amys, "<b>第二句</b>");

        var page = await owner.GetStringAsync(List(), Ct);
        Assert.Equal([amys, bens], Rooms(page));
        Assert.Equal(["2", "1"], Badges(page));
        Assert.Contains("amy\u2069：&lt;b&gt;第二句&lt;/b&gt;", page, StringComparison.Ordinal);
        Assert.Contains("未讀訊息（3）", page, StringComparison.Ordinal);

        // What was opened is read; an answer is the owner's own and not unread; the other chat is the later one now.
        await owner.GetStringAsync(new Uri($"/chats/project/cups/{amys}/", UriKind.Relative), Ct);
        await SayAsync(owner, bens, "請過");
        page = await owner.GetStringAsync(List(), Ct);
        Assert.Equal([bens, amys], Rooms(page));
        Assert.Equal(["1"], Badges(page));

        await SayAsync(amy, amys, "第三句");
        await owner.PollOldAsync(amys, 0);
        Assert.Equal([bens], Rooms(await owner.GetStringAsync(List("?unread=1"), Ct)));
    }

    [Fact]
    public async Task A_thousand_chats_are_paged_without_a_gap_and_hold_up_no_page()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_MESSAGES_PER_SECOND", "0")]);
        using var owner = await server.SignInAsync("owner");
        await owner.CreateProjectAsync("Cups", slug: "cups");
        var rooms = await FillAsync(server);

        List<string> seen = [];
        var query = "";
        var pages = 0;
        while (true)
        {
            var page = await owner.GetStringAsync(List(query), Ct);
            seen.AddRange(Rooms(page));
            pages++;
            if (Next().Match(page) is not { Success: true } next)
            {
                break;
            }
            query = "?after=" + next.Groups[1].Value;
        }
        Assert.Equal(Many / 50, pages);
        Assert.Equal(rooms, seen);

        // Beside other pages stand only the chats one would look at first: the unread ones.
        var home = await owner.GetStringAsync(new Uri("/projects/", UriKind.Relative), Ct);
        var beside = Beside().Matches(home).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(50, beside.Count);
        Assert.Subset(rooms.Take(100).ToHashSet(), beside.ToHashSet());
        var unread = await owner.GetStringAsync(List("?unread=1"), Ct);
        Assert.Equal(rooms.Take(50), Rooms(unread));
        Assert.Contains("未讀訊息（99&#x2B;）", unread, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chat_that_no_page_listens_to_is_heard_of_all_the_same()
    {
        await using var server = await TestServer.StartAsync();
        var cookies = await server.SignInCookiesAsync("owner");
        using var owner = server.CreateClient(cookies);
        await owner.CreateProjectAsync("Cups", slug: "cups");
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, cookies);
        await socket.ReceiveAsync("hello");
        using var visitor = await server.SignInAsync("visitor");

        var room = await visitor.OpenChatAsync("cups");
        Assert.Equal(room, (string?)(await socket.ReceiveAsync("room"))["room"]);
        await SayAsync(visitor, room, "有人嗎？");
        var head = await socket.ReceiveAsync(frame => (string?)frame["type"] == "heartbeat" && frame["rooms"]!.AsObject().ContainsKey(room));
        Assert.Equal(1, (long)head["rooms"]![room]!);
        // What was said is in the room alone.
        Assert.DoesNotContain(socket.Seen, frame => frame["message"] is not null);
    }

    /// <summary>A thousand visitors with a chat each, one in ten of which has an unread message. Returns the chats in the order of the list.</summary>
    private static async Task<IReadOnlyList<string>> FillAsync(TestServer server)
    {
        var ids = await server.Get<Db>().WriteAsync(session => session.QueryAsync<long>("""
            WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000)
            INSERT INTO users (username, username_key, username_skeleton, display_name, security_stamp, created_at)
            SELECT 'visitor' || n, 'visitor' || n, 'visitor' || n, 'visitor' || n, '', 0 FROM numbers
            RETURNING id
            """), Ct);
        var callers = ids.Select(id => new Caller { Kind = CallerKind.User, UserId = id, Username = string.Create(CultureInfo.InvariantCulture, $"visitor{id}") }).ToList();
        var open = server.Get<OpenProjectChat>();
        var project = await server.Get<ProjectAccess>().FindAsync(Caller.System with { Kind = CallerKind.User }, "cups", Ct);
        var chats = await Task.WhenAll(callers.Select(caller => open.ExecuteAsync(caller, project, Ct)));
        // From the last to the first, so that the first is the latest.
        for (var index = Many - 10; index >= 0; index -= 10)
        {
            var pass = await server.Get<RoomAccess>().FindAsync(callers[index], chats[index].Room, Ct);
            await server.Get<PostMessage>().ExecuteAsync(pass, new PostMessageInput("hello", null));
        }
        using var owner = await server.SignInAsync("owner");
        List<string> rooms = [];
        string? after = null;
        do
        {
            using var response = await owner.GetAsync(new Uri($"/api/v1/projects/cups/chats?limit=200{(after is null ? "" : "&after=" + after)}", UriKind.Relative), Ct);
            var page = await response.ReadJsonAsync();
            rooms.AddRange(page["chats"]!.AsArray().Select(chat => (string)chat!["room"]!));
            after = (string?)page["next"];
        }
        while (after is not null);
        Assert.Equal(chats.Select(chat => chat.Room).Order(), rooms.Order());
        return rooms;
    }

    private static async Task SayAsync(HttpClient client, string room, string text)
    {
        using var response = await client.SendOldAsync(room, text, await client.GetTokenAsync("/login/"));
        response.EnsureSuccessStatusCode();
    }

    private static Uri List(string query = "") => new("/chats/project/cups/list/" + query, UriKind.Relative);

    private static List<string> Rooms(string page) => [.. Row().Matches(page).Select(match => match.Groups[1].Value)];

    private static List<string> Badges(string page) => [.. Badge().Matches(page[page.IndexOf("id=\"chats\"", StringComparison.Ordinal)..]).Select(match => match.Groups[1].Value)];

    [GeneratedRegex("""class="list-link room-row[^"]*" href="/chats/project/cups/([a-z0-9]{24})/""")]
    private static partial Regex Row();

    [GeneratedRegex("""href="/chats/project/cups/[a-z0-9]{24}/"[^>]*data-room="([a-z0-9]{24})""")]
    private static partial Regex Beside();

    [GeneratedRegex("""<span class="badge" aria-hidden="true">(\d+)</span>""")]
    private static partial Regex Badge();

    [GeneratedRegex("""\?after=([0-9-]+)""")]
    private static partial Regex Next();
}
