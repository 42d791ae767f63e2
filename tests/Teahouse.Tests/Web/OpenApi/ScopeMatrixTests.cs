using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Web.OpenApi;

/// <summary>Who may make which call: every call of the document, by tokens of every scope and by none, on one's own things, another's, and what is not there.</summary>
public sealed class ScopeMatrixTests
{
    private static readonly string[] Whose = ["own", "other's", "none"];

    /// <summary>For each call the least scope, and what it answers on one's own, on another's and on nothing; for who shows no token 401 unless said otherwise.</summary>
    private static readonly Dictionary<string, Rule> Rules = new()
    {
        ["getMe"] = new("read", "200"),
        ["listUsers"] = new("read", "200"),
        ["listTokens"] = new("admin", "200"),
        ["createToken"] = new("admin", "201"),
        ["revokeToken"] = new("admin", "204 404 404"),
        ["listRooms"] = new("read", "200"),
        ["createRoom"] = new("write", "201"),
        ["getRoom"] = new("read", "200 404 404", "404 404 404"),
        ["changeRoom"] = new("write", "200 404 404"),
        ["deleteRoom"] = new("write", "204 404 404"),
        ["listMembers"] = new("read", "200 404 404"),
        ["getMember"] = new("read", "200 404 404"),
        ["putMember"] = new("write", "200 404 404"),
        ["removeMember"] = new("write", "204 404 404"),
        ["listMessages"] = new("read", "200 404 404", "404 404 404"),
        ["postMessage"] = new("write", "201 404 404"),
        ["editMessage"] = new("write", "200 404 404"),
        ["removeMessage"] = new("write", "204 404 404"),
        ["listBans"] = new("read", "200 404 404"),
        ["banUser"] = new("write", "204 404 404"),
        ["unbanUser"] = new("write", "204 404 404"),
        // What the call names was not said there.
        ["banGuest"] = new("write", "404 404 404"),
        ["unbanGuest"] = new("write", "204 404 404"),
        ["markRead"] = new("write", "200 404 404"),
        ["streamRoom"] = new("read", "200 404 404", "404 404 404"),
        ["exportRoom"] = new("read", "200 404 404"),
        ["listHooks"] = new("admin", "200 404 404"),
        ["createHook"] = new("admin", "201 404 404"),
        ["revokeHook"] = new("admin", "204 404 404"),
        // Its secret is the key, whoever brings it.
        ["callHook"] = new(null, "200 200 404"),
        ["listWebhooks"] = new("admin", "200"),
        ["createWebhook"] = new("admin", "201 404 404"),
        ["deleteWebhook"] = new("admin", "204 404 404"),
        ["listWebhookDeliveries"] = new("admin", "200 404 404"),
        ["rotateWebhookSecret"] = new("admin", "200 404 404"),
        ["resumeWebhook"] = new("admin", "204 404 404"),
        ["testWebhook"] = new("admin", "202 404 404"),
        ["replayWebhook"] = new("admin", "202 404 404"),
        // For administrators, who none of these are.
        ["listSinks"] = new("admin", "403"),
        ["createSink"] = new("admin", "403"),
        ["removeSink"] = new("admin", "403"),
        // A site shows its projects; who may change them is another matter.
        ["listProjects"] = new("read", "200", "200"),
        ["createProject"] = new("write", "201"),
        ["getProject"] = new("read", "200 200 404", "200 200 404"),
        ["changeProject"] = new("write", "200 404 404"),
        ["deleteProject"] = new("write", "204 404 404"),
        ["listProjectChats"] = new("read", "200 404 404"),
        // Nobody talks with themselves.
        ["openProjectChat"] = new("write", "403 200 404"),
        // A name nobody has used yet begins with its first message.
        ["sendMessageKept"] = new("write", "200 404 200"),
        // Keys of project chats cannot be guessed, so a stranger is told.
        ["sendProjectMessageKept"] = new("write", "200 403 404"),
        ["getProjectMessagesKept"] = new("read", "200 403 404"),
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Exactly_what_the_scope_allows_succeeds_on_ones_own_on_anothers_and_on_nothing()
    {
        var clock = new ShiftedClock();
        await using var server = await TestServer.StartAsync([("LIMIT_MESSAGES_PER_SECOND", "0"), ("LIMIT_SOCKETS_PER_USER", "0"), ("LIMIT_SOCKETS_PER_ADDRESS", "0")], clock: clock);
        using var house = await House.BuildAsync(server);
        var callers = await CallersAsync(server, house, clock);
        var operations = DocumentTests.Operations(JsonNode.Parse(Repository.Read("docs/openapi.json"))!.AsObject()).ToList();
        Assert.Equal(operations.Select(each => (string)each.Operation["operationId"]!).Order(StringComparer.Ordinal), Rules.Keys.Order(StringComparer.Ordinal));
        List<string> wrong = [];

        foreach (var (path, method, operation) in operations)
        {
            var id = (string)operation["operationId"]!;
            foreach (var (who, client) in callers)
            {
                foreach (var whose in Whose.Take(Rules[id].Columns))
                {
                    using var request = await house.MakeAsync(id, path, method, whose);
                    using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct);
                    var expected = Rules[id].Expect(who, Array.IndexOf(Whose, whose));
                    if ((int)response.StatusCode != expected)
                    {
                        wrong.Add($"{id} by {who} on {whose}: {(int)response.StatusCode} instead of {expected}");
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        await house.AssertUntouchedAsync();
        callers.ForEach(each => each.Client.Dispose());
    }

    private static async Task<List<(string Who, HttpClient Client)>> CallersAsync(TestServer server, House house, ShiftedClock clock)
    {
        List<(string, HttpClient)> callers = [("nobody", server.CreateClient())];
        foreach (var scope in new[] { "read", "write", "admin" })
        {
            callers.Add((scope, await server.CreateBotAsync("alice", scope)));
        }
        // Not Alice's: making a token clears her expired ones away, and it is looked at here whether one that is still there opens anything.
        var (_, expired) = await server.AddTokenAsync("carol", "admin", expiresAt: clock.GetUtcNow().AddMinutes(1));
        clock.Offset = TimeSpan.FromMinutes(2);
        callers.Add(("expired", server.CreateBearer(expired)));
        var (revokedId, revoked) = await server.AddTokenAsync("alice", "admin");
        using var gone = await house.Alice.DeleteAsync($"/api/v1/tokens/{revokedId}", Ct);
        Assert.True(gone.IsSuccessStatusCode);
        callers.Add(("revoked", server.CreateBearer(revoked)));
        return callers;
    }

    /// <param name="Least">The least scope; null where no token is looked at.</param>
    /// <param name="Answers">Statuses on one's own, another's and nothing; one where the call is about no thing.</param>
    /// <param name="Nobody">The same for who shows no token.</param>
    private sealed record Rule(string? Least, string Answers, string Nobody = "401 401 401")
    {
        private static readonly string[] Scopes = ["read", "write", "admin"];

        public int Columns => Answers.Split(' ').Length;

        public int Expect(string who, int column) => who switch
        {
            _ when Least is null => At(Answers, column),
            "nobody" => At(Nobody, column),
            "expired" or "revoked" => 401,
            _ => Array.IndexOf(Scopes, who) >= Array.IndexOf(Scopes, Least) ? At(Answers, column) : 403,
        };

        private static int At(string statuses, int column) => int.Parse(statuses.Split(' ')[column], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Alice, who calls, and Mallory, each with a room, a project with a visitor's chat, a token, an incoming and an outgoing webhook.</summary>
    private sealed class House : IDisposable
    {
        private readonly Dictionary<string, Things> _things = [];
        private int _number;

        private House(HttpClient alice, HttpClient mallory, HttpClient bob)
        {
            Alice = alice;
            Mallory = mallory;
            Bob = bob;
        }

        public HttpClient Alice { get; }

        private HttpClient Mallory { get; }

        private HttpClient Bob { get; }

        public static async Task<House> BuildAsync(TestServer server)
        {
            var house = new House(await server.CreateBotAsync("alice", "admin"), await server.CreateBotAsync("mallory", "admin"), await server.CreateBotAsync("bob"));
            house._things["own"] = await house.FurnishAsync(house.Alice, "own");
            house._things["other's"] = await house.FurnishAsync(house.Mallory, "theirs");
            house._things["none"] = new Things("not-there", "not-there", "aaaaaaaaaaaaaaaaaaaaaaaa", 999_999, 999_999, "not-there", 999_999);
            return house;
        }

        /// <summary>The call as one who may make it would. What it takes away is made anew before.</summary>
        public async Task<HttpRequestMessage> MakeAsync(string id, string path, string method, string whose)
        {
            var things = _things[whose];
            var mine = _things["own"];
            var number = ++_number;
            var user = whose == "none" ? "nobody-here" : "bob";
            var room = id switch
            {
                // By a room's own owner: neither another room's webhook nor an unknown one, nor an unknown user, is theirs.
                "revokeHook" => mine.Room,
                "getMember" or "putMember" or "removeMember" when whose == "none" => mine.Room,
                "sendMessageKept" when whose == "none" => "begins-here",
                "sendProjectMessageKept" or "getProjectMessagesKept" => things.Chat,
                // Bob is wanted in the other ones.
                "deleteRoom" or "banUser" when whose == "own" => await CreateAsync(Alice, "/api/v1/rooms", new { name = $"room-{number}", access = "private" }, "name"),
                _ => things.Room,
            };
            var slug = id == "deleteProject" && whose == "own" ? await CreateAsync(Alice, "/api/v1/projects", new { title = "Away", slug = $"project-{number}" }, "slug") : things.Project;
            var number64 = (id, whose) switch
            {
                ("revokeToken", "own") => await CreateAsync(Alice, "/api/v1/tokens", new { name = "x", scope = "read" }, "id"),
                ("revokeHook", "own") => await CreateAsync(Alice, $"/api/v1/rooms/{room}/hooks", new { name = $"hook {number}" }, "id"),
                ("removeMessage" or "editMessage", "own") => await CreateAsync(Alice, $"/api/v1/rooms/{room}/messages", new { message = "x" }, "id"),
                ("deleteWebhook", "own") => await CreateAsync(Alice, "/api/v1/webhooks", new { url = "https://example.org/in", rooms = new[] { mine.Room } }, "id"),
                ("revokeToken", _) => $"{things.Token}",
                ("revokeHook", _) => $"{things.Hook}",
                _ => $"{things.Webhook}",
            };
            if (id is "getMember" or "putMember" or "removeMember" && whose == "own")
            {
                await AddAsync(Alice, mine.Room);
            }
            var address = path.Replace("{room}", room, StringComparison.Ordinal).Replace("{slug}", slug, StringComparison.Ordinal).Replace("{user}", user, StringComparison.Ordinal)
                .Replace("{id}", number64, StringComparison.Ordinal).Replace("{secret}", things.Secret, StringComparison.Ordinal);
            return new HttpRequestMessage(new HttpMethod(method), address + (id == "exportRoom" ? "?format=csv" : ""))
            {
                Content = method is "GET" or "DELETE" ? null : JsonContent.Create(Body(id, things, number)),
            };
        }

        /// <summary>All of Mallory's is there, and nobody but her has spoken in her room and chat, except by her webhook.</summary>
        public async Task AssertUntouchedAsync()
        {
            var theirs = _things["other's"];
            var room = await Mallory.GetFromJsonAsync<JsonObject>($"/api/v1/rooms/{theirs.Room}", Ct);
            Assert.Equal(("secret", "theirs"), ((string?)room!["topic"], (string?)room["title"]));
            var said = await Mallory.GetFromJsonAsync<JsonObject>($"/api/v1/rooms/{theirs.Room}/messages?limit=200", Ct);
            Assert.Equal(["hook theirs", "mallory"], said!["messages"]!.AsArray().Where(each => (string?)each!["kind"] == "text").Select(each => (string?)each!["user"]).Distinct().Order());
            var chat = await Mallory.GetFromJsonAsync<JsonObject>($"/api/v1/rooms/{theirs.Chat}/messages?limit=200", Ct);
            Assert.DoesNotContain(chat!["messages"]!.AsArray(), each => (string?)each!["kind"] == "text");
            var member = await Mallory.GetFromJsonAsync<JsonObject>($"/api/v1/rooms/{theirs.Room}/members/bob", Ct);
            Assert.Equal("member", (string?)member!["role"]);
            var project = await Mallory.GetFromJsonAsync<JsonObject>($"/api/v1/projects/{theirs.Project}", Ct);
            Assert.Equal("theirs", (string?)project!["title"]);
            Assert.Contains(theirs.Token, await IdsAsync("tokens", "tokens"));
            Assert.Equal([theirs.Hook], await IdsAsync($"rooms/{theirs.Room}/hooks", "hooks"));
            Assert.Equal([theirs.Webhook], await IdsAsync("webhooks", "webhooks"));
        }

        public void Dispose()
        {
            Alice.Dispose();
            Mallory.Dispose();
            Bob.Dispose();
        }

        private static object Body(string id, Things things, int number) => id switch
        {
            "createToken" => new { name = "made", scope = "read", expires_at = DateTimeOffset.UtcNow.AddDays(1) },
            "createRoom" => new { name = $"made-{number}", access = "private" },
            "changeRoom" => new { topic = "changed" },
            "postMessage" or "editMessage" or "sendMessageKept" => new { message = "hello" },
            "sendProjectMessageKept" => new { content = "hello" },
            "banGuest" => new { message = 999_999 },
            "markRead" => new { seq = 1 },
            "createHook" => new { name = $"made {number}" },
            "callHook" => new { text = "hello" },
            "createWebhook" => new { url = "https://example.org/in", rooms = new[] { things.Room } },
            "replayWebhook" => new { first = 1, last = 1 },
            "createSink" => new { spreadsheet = "1XPTaBc-zPwU" },
            "createProject" => new { title = "Made", slug = $"made-{number}" },
            "changeProject" => (object)new { title = "changed" },
            _ => new { },
        };

        private async Task<Things> FurnishAsync(HttpClient owner, string name)
        {
            var room = await CreateAsync(owner, "/api/v1/rooms", new { name = $"room-{name}", title = name, topic = "secret", access = "private" }, "name");
            await AddAsync(owner, room);
            using var said = await owner.PostAsJsonAsync($"/api/v1/rooms/{room}/messages", new { message = "geheimnis" }, Ct);
            var project = await CreateAsync(owner, "/api/v1/projects", new { title = name, slug = $"project-{name}" }, "slug");
            var chat = await CreateAsync(Bob, $"/api/v1/projects/{project}/chats", new { }, "room");
            var token = await CreateAsync(owner, "/api/v1/tokens", new { name, scope = "read" }, "id");
            var hook = await PostAsync(owner, $"/api/v1/rooms/{room}/hooks", new { name = $"hook {name}" });
            var webhook = await CreateAsync(owner, "/api/v1/webhooks", new { url = "https://example.org/in", rooms = new[] { room } }, "id");
            return new Things(room, project, chat, Number(token), (long)hook["id"]!, new Uri((string)hook["url"]!).Segments[^1], Number(webhook));
        }

        private static async Task AddAsync(HttpClient owner, string room)
        {
            using var added = await owner.PutAsJsonAsync($"/api/v1/rooms/{room}/members/bob", new { }, Ct);
            Assert.True(added.IsSuccessStatusCode);
        }

        private static async Task<string> CreateAsync(HttpClient client, string path, object body, string field) => (await PostAsync(client, path, body))[field]!.ToString();

        private static async Task<JsonObject> PostAsync(HttpClient client, string path, object body)
        {
            using var response = await client.PostAsJsonAsync(path, body, Ct);
            Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode}");
            return await response.ReadJsonAsync();
        }

        private async Task<List<long>> IdsAsync(string path, string list) =>
            [.. (await Mallory.GetFromJsonAsync<JsonObject>($"/api/v1/{path}", Ct))![list]!.AsArray().Select(each => (long)each!["id"]!)];

        private static long Number(string text) => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
    }

    private sealed record Things(string Room, string Project, string Chat, long Token, long Hook, string Secret, long Webhook);
}
