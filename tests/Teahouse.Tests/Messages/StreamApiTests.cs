using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Accounts;
using Teahouse.Realtime;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

/// <summary>Server-sent events: as exact as a socket, as quick to end.</summary>
[Trait("Speed", "Medium")]
public sealed class StreamApiTests
{
    private const string Path = "/api/v1/rooms/den/stream";

    private static readonly (string, string)[] Fast = [("LIMIT_MESSAGES_PER_SECOND", "0")];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_said_arrives_with_its_revision_as_id()
    {
        await using var server = await TestServer.StartAsync();
        using var bot = await PrepareAsync(server);
        await using var stream = await EventReader.OpenAsync(bot, Path);
        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType?.MediaType);
        var begin = await stream.ReceiveAsync("subscribed");

        await SayAsync(bot, "一\n二");
        var message = await stream.ReceiveAsync("message");

        Assert.Equal("一\n二", (string?)message["message"]);
        Assert.Equal((long)message["rev"]!, stream.LastId);
        Assert.Equal((long)begin["rev"]! + 1, stream.LastId);
    }

    [Fact]
    public async Task A_reader_that_comes_back_misses_nothing_and_gets_nothing_twice()
    {
        await using var server = await TestServer.StartAsync(Fast);
        using var bot = await PrepareAsync(server);
        List<string> seen = [];
        long? last = null;
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 120; i++)
            {
                await SayAsync(bot, $"m{i}");
            }
        }, Ct);
        while (seen.Count < 120)
        {
            // Cut off again and again, at whatever point.
            await using var stream = await EventReader.OpenAsync(bot, $"{Path}?after=0", last);
            for (var i = 0; i < 25 && seen.Count < 120; i++)
            {
                var message = await stream.ReceiveAsync("message");
                if ((string?)message["kind"] == "text")
                {
                    seen.Add((string)message["message"]!);
                }
                last = stream.LastId;
            }
        }
        await writing;

        Assert.Equal(Enumerable.Range(0, 120).Select(i => $"m{i}"), seen);
    }

    [Fact]
    public async Task More_than_a_socket_would_send_comes_piece_by_piece()
    {
        await using var server = await TestServer.StartAsync(Fast);
        using var bot = await PrepareAsync(server);
        await Task.WhenAll(Enumerable.Range(0, 700).Select(i => SayAsync(bot, $"m{i}")));
        await using var stream = await EventReader.OpenAsync(bot, Path, 0);
        Assert.False((bool)(await stream.ReceiveAsync("subscribed"))["reset"]!);

        for (var seq = 1; seq <= 701; seq++)
        {
            Assert.Equal(seq, (long)(await stream.ReceiveAsync("message"))["seq"]!);
        }
        await SayAsync(bot, "live");
        Assert.Equal("live", (string?)(await stream.ReceiveAsync("message"))["message"]);
    }

    [Fact]
    public async Task A_revision_of_another_history_is_said_to_be_one()
    {
        await using var server = await TestServer.StartAsync();
        using var bot = await PrepareAsync(server);

        await using var ahead = await EventReader.OpenAsync(bot, Path, 1000);
        await using var other = await EventReader.OpenAsync(bot, $"{Path}?after=1&epoch=other");

        Assert.True((bool)(await ahead.ReceiveAsync("subscribed"))["reset"]!);
        Assert.True((bool)(await other.ReceiveAsync("subscribed"))["reset"]!);
    }

    [Fact]
    public async Task Revoking_the_token_ends_the_stream()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await PrepareAsync(server);
        var (id, text) = await server.AddTokenAsync("alice", "read");
        using var bot = server.CreateBearer(text);
        await using var stream = await EventReader.OpenAsync(bot, Path);
        await stream.ReceiveAsync("subscribed");

        await server.Get<TokenStore>().RevokeAsync((await server.Get<AccountQueries>().FindByKeyAsync("alice", Ct))!.Id, id, Caller.Shell, Ct);

        Assert.Equal(4501, (int?)(await stream.ReceiveAsync("close"))["code"]);
        Assert.Null(await stream.FindAsync("message"));
        await WaitForNobodyAsync(server);
    }

    [Fact]
    public async Task Who_is_removed_hears_nothing_more()
    {
        await using var server = await TestServer.StartAsync();
        using var owner = await PrepareAsync(server);
        using var bob = await server.CreateBotAsync("bob", "read");
        using var added = await owner.PutAsync("/api/v1/rooms/den/members/bob", null, Ct);
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        await using var stream = await EventReader.OpenAsync(bob, Path);
        await stream.ReceiveAsync("subscribed");

        using var removed = await owner.DeleteAsync("/api/v1/rooms/den/members/bob", Ct);
        await SayAsync(owner, "now we are alone");

        Assert.Equal(4503, (int?)(await stream.ReceiveAsync("close"))["code"]);
    }

    [Fact]
    public async Task A_reader_that_hangs_up_is_forgotten()
    {
        await using var server = await TestServer.StartAsync();
        using var bot = await PrepareAsync(server);
        var stream = await EventReader.OpenAsync(bot, Path);
        await stream.ReceiveAsync("subscribed");
        Assert.Equal(1, server.Get<ConnectionRegistry>().Count);

        await stream.DisposeAsync();

        await WaitForNobodyAsync(server);
    }

    [Fact]
    public async Task A_server_that_stops_says_when_to_come_back()
    {
        await using var server = await TestServer.StartAsync();
        using var bot = await PrepareAsync(server);
        await using var stream = await EventReader.OpenAsync(bot, Path);
        await stream.ReceiveAsync("subscribed");

        var stopping = server.App.StopAsync(Ct);

        Assert.NotNull((await stream.ReceiveAsync("drain"))["retry_ms"]);
        Assert.Equal(1012, (int?)(await stream.ReceiveAsync("close"))["code"]);
        await stopping;
    }

    [Fact]
    public async Task Streams_are_counted_like_sockets()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_SOCKETS_PER_USER", "1")]);
        using var bot = await PrepareAsync(server);
        await using var stream = await EventReader.OpenAsync(bot, Path);
        await stream.ReceiveAsync("subscribed");

        using var second = await bot.GetAsync(Path, Ct);

        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.Equal("too_many_connections", (string?)(await second.Content.ReadFromJsonAsync<JsonObject>(Ct))!["code"]);
        await Eventually.TrueAsync(() => server.Get<ConnectionRegistry>().Count == 1);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("99999999999999999999")]
    public async Task What_is_no_revision_is_refused(string id)
    {
        await using var server = await TestServer.StartAsync();
        using var bot = await PrepareAsync(server);
        bot.DefaultRequestHeaders.TryAddWithoutValidation("Last-Event-ID", id);

        using var response = await bot.GetAsync(Path, Ct);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    private static async Task<HttpClient> PrepareAsync(TestServer server)
    {
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("den", "private");
        return await server.CreateBotAsync("alice", "admin");
    }

    private static async Task SayAsync(HttpClient client, string text)
    {
        using var response = await client.PostAsJsonAsync("/api/v1/rooms/den/messages", new { message = text }, Ct);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    private static async Task WaitForNobodyAsync(TestServer server)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (server.Get<ConnectionRegistry>() is { Count: > 0 } or { Places: > 0 })
        {
            await Task.Delay(10, patience.Token);
        }
    }
}
