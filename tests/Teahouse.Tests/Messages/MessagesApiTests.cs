using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

[Trait("Speed", "Medium")]
public sealed class MessagesApiTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/api/v1/rooms/a%20b/messages", 400, "bad_room")]
    [InlineData("/api/v1/rooms/r/messages?limit=0", 400, "bad_frame")]
    [InlineData("/api/v1/rooms/r/messages?limit=201", 400, "bad_frame")]
    [InlineData("/api/v1/rooms/r/messages?before=1&after=2", 400, "bad_frame")]
    [InlineData("/api/v1/rooms/r/messages?before=x", 400, "bad_request")]
    public async Task Programs_get_problem_details(string path, int status, string code)
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("r", "guests");
        using var client = server.CreateClient();

        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Ct);
        var problem = await response.Content.ReadFromJsonAsync<JsonObject>(Ct);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(code, (string?)problem!["code"]);
        Assert.Equal(status, (int?)problem["status"]);
        Assert.NotEmpty((string?)problem["error"] ?? "");
    }

    [Fact]
    public async Task Times_are_of_the_sites_zone_to_the_microsecond_on_both_sides_of_a_change_of_its_clocks()
    {
        await using var server = await TestServer.StartAsync([("TIME_ZONE", "Europe/Berlin")]);
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("r", "guests");
        using var bot = await server.CreateBotAsync("alice");
        (long At, string Timestamp)[] times =
        [
            (1_698_541_199_999, "2023-10-29T02:59:59.999000+02:00"),
            (1_698_541_200_000, "2023-10-29T02:00:00.000000+01:00"),
            (1_698_541_200_005, "2023-10-29T02:00:00.005000+01:00"),
            (1_700_000_000_123, "2023-11-14T23:13:20.123000+01:00"),
        ];
        foreach (var (at, timestamp) in times)
        {
            (await bot.PostAsJsonAsync(new Uri("/api/v1/rooms/r/messages", UriKind.Relative), new { message = timestamp }, Ct)).EnsureSuccessStatusCode();
            await server.Get<Db>().WriteAsync(session => session.ExecuteAsync("UPDATE messages SET created_at = @at WHERE text = @timestamp", new { at, timestamp }), Ct);
        }

        var told = (await History.ReadAsync(bot, "r")).Where(message => (string)message["kind"]! == "text").ToList();

        Assert.Equal(times.Select(time => time.Timestamp), told.Select(message => (string)message["message"]!));
        Assert.All(told, message => Assert.Equal((string)message["message"]!, (string)message["timestamp"]!));
        Assert.All(told, message => Assert.Equal(((string)message["message"]!)[..19].Replace('T', ' '), (string)message["time"]!));
    }

    [Fact]
    public async Task A_room_of_others_answers_like_one_that_is_not_there()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("den", "private");
        await alice.CreateRoomAsync("club", "members");
        using var bob = await server.SignInAsync("bob");
        using var visitor = server.CreateClient();

        foreach (var (client, hidden) in new[] { (bob, "den"), (visitor, "den"), (visitor, "club") })
        {
            Assert.Equal(await AnswerAsync(client, "nowhere"), await AnswerAsync(client, hidden));
        }

        static async Task<(int, string)> AnswerAsync(HttpClient client, string room)
        {
            using var response = await client.GetAsync(new Uri($"/api/v1/rooms/{room}/messages?since_rev=0", UriKind.Relative), Ct);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Ct));
        }
    }

    [Fact]
    public async Task The_history_api_pages_by_number_and_by_revision()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_GUEST_MESSAGES_PER_SECOND", "0"), ("LIMIT_MESSAGES_PER_SECOND", "0")]);
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/r/");
        for (var i = 1; i <= 7; i++)
        {
            await socket.SendAsync(new { message = $"m{i}" });
            await socket.ReceiveAsync();
        }
        using var client = server.CreateClient();

        Assert.Equal("5,6,7 true 7", await PageAsync("limit=3"));
        Assert.Equal("2,3,4 true 7", await PageAsync("before=5&limit=3"));
        Assert.Equal("1 false 7", await PageAsync("before=2&limit=3"));
        Assert.Equal("3,4 true 7", await PageAsync("after=2&limit=2"));
        Assert.Equal("6,7 false 7", await PageAsync("after=5&limit=3"));
        Assert.Equal("5,6 true 6", await PageAsync("since_rev=4&limit=2"));
        Assert.Equal("7 false 7", await PageAsync("since_rev=6&limit=2"));
        Assert.Equal(" false 7", await PageAsync("since_rev=7"));

        async Task<string> PageAsync(string query)
        {
            var page = await client.GetFromJsonAsync<JsonObject>($"/api/v1/rooms/R/messages?{query}", Ct);
            return $"{string.Join(',', page!["messages"]!.AsArray().Select(m => (int)m!["seq"]!))} {page["has_more"]} {page["rev"]}";
        }
    }
}
