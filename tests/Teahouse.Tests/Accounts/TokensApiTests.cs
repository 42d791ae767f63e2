using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Accounts;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Accounts;

public sealed class TokensApiTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_is_shown_once_listed_used_and_revoked()
    {
        await using var server = await TestServer.StartAsync();
        using var admin = await server.CreateBotAsync("alice", "admin");

        using var made = await admin.PostAsJsonAsync("/api/v1/tokens", new { name = "建置機器", scope = "read", bot_name = "報時鳥" }, Ct);
        var answer = await made.Content.ReadFromJsonAsync<JsonObject>(Ct);
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        // It has no address of its own to be read at.
        Assert.Null(made.Headers.Location);
        var text = (string)answer!["token"]!;

        using var bot = server.CreateBearer(text);
        var me = await bot.GetFromJsonAsync<JsonObject>("/api/v1/me", Ct);
        Assert.Equal(("alice", "報時鳥", true, "read"), ((string)me!["username"]!, (string)me["display_name"]!, (bool)me["bot"]!, (string)me["scope"]!));
        var listed = await admin.GetStringAsync("/api/v1/tokens", Ct);
        Assert.Contains("建置機器", listed, StringComparison.Ordinal);
        Assert.DoesNotContain(text, listed, StringComparison.Ordinal);
        Assert.NotNull(JsonNode.Parse(listed)!["tokens"]!.AsArray().Single(token => (long)token!["id"]! == (long)answer["id"]!)!["last_used_at"]);

        using var revoked = await admin.DeleteAsync($"/api/v1/tokens/{answer["id"]}", Ct);
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        using var refused = await bot.GetAsync("/api/v1/me", Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
        Assert.Equal("unauthorized", (string?)(await refused.Content.ReadFromJsonAsync<JsonObject>(Ct))!["code"]);
    }

    [Fact]
    public async Task The_database_does_not_hold_a_token()
    {
        await using var server = await TestServer.StartAsync();
        var (_, text) = await server.AddTokenAsync("alice");

        foreach (var file in Directory.GetFiles(server.DataDirectory, "teahouse.db*").Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            Assert.DoesNotContain(text, await reader.ReadToEndAsync(Ct), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Revoking_a_token_ends_its_sockets_at_once_and_no_others()
    {
        await using var server = await TestServer.StartAsync();
        var (id, text) = await server.AddTokenAsync("alice");
        var (_, other) = await server.AddTokenAsync("alice");
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, null, ("Authorization", $"Bearer {text}"));
        await using var kept = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, null, ("Authorization", $"Bearer {other}"));
        Assert.Equal("alice", (string?)(await socket.ReceiveAsync("hello"))["user"]);
        await kept.ReceiveAsync("hello");

        Assert.True(await server.Get<TokenStore>().RevokeAsync((await server.Get<AccountQueries>().FindByKeyAsync("alice", Ct))!.Id, id, Caller.Shell, Ct));

        Assert.Equal(4501, await socket.ReceiveCloseAsync());
        await kept.SendAsync(new { type = "ping" });
        await kept.ReceiveAsync("pong");
    }

    [Fact]
    public async Task A_token_that_expires_is_refused_and_ends_its_sockets()
    {
        var clock = new ShiftedClock();
        await using var server = await TestServer.StartAsync(clock: clock);
        var (_, text) = await server.AddTokenAsync("alice", expiresAt: clock.GetUtcNow().AddMinutes(1));
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/", SocketClient.V1, null, ("Authorization", $"Bearer {text}"));
        await socket.ReceiveAsync("hello");

        clock.Offset = TimeSpan.FromMinutes(2);

        Assert.Equal(4501, await socket.ReceiveCloseAsync());
        using var bot = server.CreateBearer(text);
        using var refused = await bot.GetAsync("/api/v1/me", Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Theory]
    [InlineData("tea_wrong")]
    [InlineData("")]
    [InlineData("tea_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_wrong_token_is_not_a_visitor(string token)
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("plaza", "guests");
        using var client = server.CreateClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {token}");

        using var api = await client.GetAsync("/api/v1/rooms/plaza/messages", Ct);
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/plaza/", null, null, ("Authorization", $"Bearer {token}"));

        Assert.Equal(HttpStatusCode.Unauthorized, api.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, socket.RefusedWith);
    }

    [Theory]
    [InlineData("read", HttpStatusCode.Forbidden)]
    [InlineData("write", HttpStatusCode.Forbidden)]
    [InlineData("admin", HttpStatusCode.Created)]
    public async Task Only_a_token_of_scope_admin_hands_out_tokens(string scope, HttpStatusCode expected)
    {
        await using var server = await TestServer.StartAsync();
        using var bot = await server.CreateBotAsync("alice", scope);

        using var made = await bot.PostAsJsonAsync("/api/v1/tokens", new { name = "x", scope = "read" }, Ct);

        Assert.Equal(expected, made.StatusCode);
    }

    [Theory]
    [InlineData("""{"name":"","scope":"read"}""", "name")]
    [InlineData("""{"name":"x","scope":"root"}""", "scope")]
    [InlineData("""{"name":"x"}""", "scope")]
    [InlineData("""{"name":"x","scope":"read","expires_at":"2020-01-01T00:00:00Z"}""", "expires_at")]
    [InlineData("""{"name":"x","scope":"read","bot_name":"bob"}""", "bot_name")]
    [InlineData("""{"name":"x","scope":"read","bot_name":"\u202e"}""", "bot_name")]
    public async Task What_cannot_be_a_token_is_said_beside_its_field(string body, string field)
    {
        await using var server = await TestServer.StartAsync();
        await server.AddUserAsync("bob");
        using var admin = await server.CreateBotAsync("alice", "admin");
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var response = await admin.PostAsync("/api/v1/tokens", content, Ct);
        var problem = await response.Content.ReadFromJsonAsync<JsonObject>(Ct);

        Assert.InRange((int)response.StatusCode, 400, 403);
        Assert.NotNull(problem!["errors"]?[field]);
    }

    [Theory]
    [InlineData("""{"name":"x","name":"y","scope":"read"}""", "bad_json")]
    [InlineData("""{"name":1,"scope":"read"}""", "bad_frame")]
    [InlineData("""{"name":"x",""", "bad_json")]
    [InlineData("""[]""", "bad_frame")]
    public async Task Loose_json_is_refused(string body, string code)
    {
        await using var server = await TestServer.StartAsync();
        using var admin = await server.CreateBotAsync("alice", "admin");
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var response = await admin.PostAsync("/api/v1/tokens", content, Ct);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(code, (string?)(await response.Content.ReadFromJsonAsync<JsonObject>(Ct))!["code"]);
    }

    [Fact]
    public async Task A_browsers_own_identity_changes_nothing_without_the_pages_token()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");

        using var forged = await alice.PostAsJsonAsync("/api/v1/tokens", new { name = "x", scope = "read" }, Ct);
        alice.DefaultRequestHeaders.Add("X-CSRFToken", await alice.GetTokenAsync("/settings/"));
        using var honest = await alice.PostAsJsonAsync("/api/v1/tokens", new { name = "x", scope = "read" }, Ct);

        Assert.Equal(HttpStatusCode.Forbidden, forged.StatusCode);
        Assert.Equal(HttpStatusCode.Created, honest.StatusCode);
    }

    [Fact]
    public async Task A_socket_opened_to_read_says_nothing()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("den", "private");
        var (_, text) = await server.AddTokenAsync("alice", "read");
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/den/", SocketClient.V1, null, ("Authorization", $"Bearer {text}"));
        await socket.ReceiveAsync("subscribed");

        await socket.SendAsync(new { type = "send", room = "den", message = "hi", nonce = "1" });
        Assert.Equal(("forbidden", "1"), ((string?)(await socket.ReceiveAsync("error"))["code"], (string?)socket.Seen[^1]["nonce"]));
        await socket.SendAsync(new { type = "read", room = "den", seq = 1 });
        Assert.Equal("forbidden", (string?)(await socket.ReceiveAsync("error"))["code"]);
    }

    [Fact]
    public async Task A_bots_messages_say_so_and_carry_its_name()
    {
        await using var server = await TestServer.StartAsync();
        using var alice = await server.SignInAsync("alice");
        await alice.CreateRoomAsync("den", "private");
        var (_, text) = await server.AddTokenAsync("alice", "write", "報時鳥");
        await using var socket = await SocketClient.ConnectAsync(server, "/ws/chat/den/", SocketClient.V1, null, ("Authorization", $"Bearer {text}"));
        await socket.ReceiveAsync("subscribed");

        await socket.SendAsync(new { type = "send", room = "den", message = "三點", nonce = "1" });
        var live = await socket.ReceiveAsync("message");
        var page = await alice.GetFromJsonAsync<JsonObject>("/api/v1/rooms/den/messages?limit=1", Ct);
        var read = page!["messages"]![0]!;

        foreach (var message in new[] { live, read })
        {
            Assert.Equal(("alice", "報時鳥", true), ((string?)message["user"], (string?)message["display_name"], (bool?)message["bot"]));
        }
    }
}
