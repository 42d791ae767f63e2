using System.Net.Http.Json;
using System.Text.Json.Nodes;
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
