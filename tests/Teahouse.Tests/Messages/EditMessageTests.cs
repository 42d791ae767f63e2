using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

[Trait("Database", "Both"), Trait("Speed", "Medium")]
public sealed class EditMessageTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private TestServer Server => shared.Server;

    [Fact]
    public async Task What_is_edited_is_told_to_everybody_and_found_everywhere_in_its_place()
    {
        using var owner = await BotAsync();
        using var writer = await BotAsync();
        var room = await RoomAsync(owner, "guests");
        await using var page = await SocketClient.ConnectAsync(Server, $"/ws/chat/{room}/", SocketClient.V1);
        var entered = await page.ReceiveAsync("subscribed");
        await using var plain = await SocketClient.ConnectAsync(Server, $"/ws/chat/{room}/");
        var said = await SayAsync(writer, room, "what was said frist", nonce: "n1");
        await page.ReceiveAsync(frame => (string?)frame["message"] == "what was said frist");
        await plain.ReceiveAsync(frame => (string?)frame["message"] == "what was said frist");

        var (status, edited) = await EditAsync(writer, room, said, "  what was said first  ");

        Assert.Equal((200, "what was said first", said), (status, (string?)edited["message"], (long)edited["id"]!));
        var frame = await page.ReceiveAsync("message");
        Assert.Equal((said, "what was said first", (long)edited["seq"]!), ((long)frame["id"]!, (string?)frame["message"], (long)frame["seq"]!));
        Assert.Equal(((long)edited["rev"]!, (string?)edited["edited_at"]), ((long)frame["rev"]!, (string?)frame["edited_at"]));
        Assert.True(DateTimeOffset.Parse((string)frame["edited_at"]!, CultureInfo.InvariantCulture) > DateTimeOffset.Parse((string)frame["timestamp"]!, CultureInfo.InvariantCulture));
        // A client that knows no changes is told nothing.
        await SayAsync(writer, room, "after");
        Assert.Equal("after", (string?)(await plain.ReceiveAsync())["message"]);
        Assert.Equal((long)frame["rev"]! + 1, (long)(await page.ReceiveAsync("message"))["rev"]!);
        foreach (var path in new[] { "messages", $"messages?since_rev={entered["rev"]}", "export?format=csv", "export?format=jsonl" })
        {
            var found = await owner.GetStringAsync(new Uri($"/api/v1/rooms/{room}/{path}", UriKind.Relative), Ct);
            Assert.Contains("what was said first", found, StringComparison.Ordinal);
            Assert.DoesNotContain("frist", found, StringComparison.Ordinal);
        }
        using var visitor = Server.CreateClient();
        var shown = await visitor.GetStringAsync(new Uri($"/chat/{room}/", UriKind.Relative), Ct);
        Assert.Contains("what was said first", shown, StringComparison.Ordinal);
        Assert.Matches("data-slot=\"edited\">已編輯", shown);
        // What was sent stays sent: its nonce is no new message, with whatever text.
        Assert.Equal(said, await SayAsync(writer, room, "what was said frist", nonce: "n1"));
        Assert.Equal(0, await Server.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT COUNT(*) FROM messages WHERE text LIKE '%frist%'"), Ct));
    }

    [Fact]
    public async Task Who_knows_no_changes_gets_an_edited_message_only_when_it_lacks_it()
    {
        using var writer = await BotAsync();
        var room = await RoomAsync(writer, "guests");
        await using var plain = await SocketClient.ConnectAsync(Server, $"/ws/chat/{room}/");
        var id = await SayAsync(writer, room, "frist", nonce: "n1");
        var rev = (long)(await writer.GetFromJsonAsync<JsonObject>($"/api/v1/rooms/{room}/messages", Ct))!["rev"]!;
        await EditAsync(writer, room, id, "firsd");
        await EditAsync(writer, room, id, "first");
        var feeds = Server.Get<Teahouse.Messages.RoomFeeds>();

        // What is read for those who have fallen behind, or heard nothing from another node: up to before it was said, and up to before it was edited.
        var lacking = Assert.Single((await feeds.RefillAsync(room, rev - 1, Ct)).Events);
        var having = Assert.Single((await feeds.RefillAsync(room, rev, Ct)).Events);

        Assert.Contains("\"message\":\"first\"", System.Text.Encoding.UTF8.GetString(lacking.Plain.Span), StringComparison.Ordinal);
        Assert.Equal(0, having.Plain.Length);
        Assert.Equal(lacking.V1.ToArray(), having.V1.ToArray());
    }

    [Fact]
    public async Task Who_repeats_what_was_edited_meanwhile_hears_of_it()
    {
        await using var server = await TestServer.StartAsync();
        var cookies = await server.SignInCookiesAsync("alice");
        using var alice = server.CreateClient(cookies);
        alice.DefaultRequestHeaders.Add("X-CSRFToken", await alice.GetTokenAsync("/chat/"));
        string id;
        await using (var first = await SocketClient.ConnectAsync(server, "/ws/chat/r/", cookies: cookies))
        {
            await first.SendAsync(new { message = "frist", nonce = "n1" });
            id = (await first.ReceiveAsync())["id"]!.ToString();
        }
        using var edited = await alice.PatchAsJsonAsync($"/api/v1/rooms/r/messages/{id}", new { message = "first" }, Ct);
        edited.EnsureSuccessStatusCode();
        await using var again = await SocketClient.ConnectAsync(server, "/ws/chat/r/", cookies: cookies);

        await again.SendAsync(new { message = "frist", nonce = "n1" });

        var answer = await again.ReceiveAsync();
        Assert.Equal(("first", "n1", id), ((string?)answer["message"], (string?)answer["nonce"], answer["id"]!.ToString()));
    }

    [Fact]
    public async Task Only_the_author_edits_and_only_what_still_stands()
    {
        using var owner = await BotAsync();
        using var writer = await BotAsync();
        using var stranger = await BotAsync();
        using var admin = await Server.CreateBotAsync(await AdminAsync(), "admin");
        using var nobody = Server.CreateClient();
        var room = await RoomAsync(owner, "members");
        var secret = await RoomAsync(owner, "private");
        var (own, owners, hidden) = (await SayAsync(writer, room, "mine"), await SayAsync(owner, room, "the owner's"), await SayAsync(owner, secret, "hidden"));
        var system = await Server.Get<Db>().ReadAsync(session => session.GetAsync<long>(
            "SELECT MIN(m.id) FROM messages m JOIN rooms r ON r.id = m.room_id WHERE r.name = @room AND m.kind = 'system'", new { room }), Ct);

        Assert.Equal(403, (await EditAsync(owner, room, own, "x")).Status);
        Assert.Equal(403, (await EditAsync(admin, room, own, "x")).Status);
        Assert.Equal(403, (await EditAsync(writer, room, owners, "x")).Status);
        Assert.Equal(403, (await EditAsync(owner, room, system, "x")).Status);
        Assert.Equal(404, (await EditAsync(stranger, secret, hidden, "x")).Status);
        Assert.Equal(404, (await EditAsync(owner, room, hidden, "x")).Status);
        Assert.Equal(404, (await EditAsync(writer, room, 999_999_999, "x")).Status);
        Assert.Equal(401, (await EditAsync(nobody, room, own, "x")).Status);
        (await writer.DeleteAsync(new Uri($"/api/v1/rooms/{room}/messages/{own}", UriKind.Relative), Ct)).EnsureSuccessStatusCode();
        Assert.Equal(404, (await EditAsync(writer, room, own, "back again")).Status);
        var last = await SayAsync(writer, room, "last");
        (await owner.PatchAsJsonAsync($"/api/v1/rooms/{room}", new { archived = true }, Ct)).EnsureSuccessStatusCode();
        Assert.Equal(403, (await EditAsync(writer, room, last, "x")).Status);
        Assert.Equal(403, (await EditAsync(owner, room, owners, "x")).Status);
        Assert.Equal(0, await Server.Get<Db>().ReadAsync(session => session.GetAsync<long>(
            "SELECT COUNT(*) FROM messages m JOIN rooms r ON r.id = m.room_id WHERE r.name IN (@room, @secret) AND m.edited_at IS NOT NULL", new { room, secret }), Ct));
    }

    [Fact]
    public async Task A_guest_edits_their_own_and_a_token_needs_its_scope()
    {
        var name = Name();
        await Server.AddUserAsync(name);
        using var reading = await Server.CreateBotAsync(name, "read");
        using var writing = await Server.CreateBotAsync(name);
        var room = await RoomAsync(writing, "guests");
        using var guest = await GuestAsync(room, "茶客" + Name());
        using var another = await GuestAsync(room, "茶客" + Name());
        var (theirs, bots) = (await SayAsync(guest, room, "by a guest"), await SayAsync(writing, room, "by a program"));

        Assert.Equal(403, (await EditAsync(another, room, theirs, "x")).Status);
        Assert.Equal(403, (await EditAsync(reading, room, bots, "x")).Status);
        Assert.Equal((200, "said better"), await EditedAsync(guest, room, theirs, "said better"));
        Assert.Equal((200, "said better, too"), await EditedAsync(writing, room, bots, "said better, too"));
    }

    [Theory]
    [InlineData("""{"message":"   "}""", 400, "empty_message")]
    [InlineData("{}", 400, "empty_message")]
    [InlineData("""{"message":"a\u0007b"}""", 400, "bad_text")]
    [InlineData("""{"message":7}""", 400, "bad_frame")]
    public async Task A_text_that_could_not_be_sent_changes_nothing(string body, int status, string code)
    {
        using var writer = await BotAsync();
        var room = await RoomAsync(writer, "members");
        var id = await SayAsync(writer, room, "as it was");
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var answer = await writer.PatchAsync(new Uri($"/api/v1/rooms/{room}/messages/{id}", UriKind.Relative), content, Ct);
        var tooLong = await EditAsync(writer, room, id, new string('長', 8001));

        Assert.Equal((status, code), ((int)answer.StatusCode, (string?)(await answer.Content.ReadFromJsonAsync<JsonObject>(Ct))!["code"]));
        Assert.Equal((400, "too_long"), (tooLong.Status, (string?)tooLong.Body["code"]));
        Assert.Equal("as it was", await Server.Get<Db>().ReadAsync(session => session.GetAsync<string>("SELECT text FROM messages WHERE id = @id", new { id }), Ct));
    }

    [Fact]
    public async Task The_same_words_again_are_no_change()
    {
        using var writer = await BotAsync();
        var room = await RoomAsync(writer, "members");
        var id = await SayAsync(writer, room, "as it was");
        var rev = await RevAsync(writer, room);

        var (status, body) = await EditAsync(writer, room, id, "as it was");

        Assert.Equal((200, rev), (status, await RevAsync(writer, room)));
        Assert.Null(body["edited_at"]);
    }

    [Fact]
    public async Task Editing_counts_as_saying_something()
    {
        await using var server = await TestServer.StartAsync([("LIMIT_MESSAGES_PER_SECOND", "1"), ("LIMIT_MESSAGES_PER_SECOND_BURST", "2")]);
        using var writer = await server.CreateBotAsync("alice");
        (await writer.PostAsJsonAsync("/api/v1/rooms", new { name = "r" }, Ct)).EnsureSuccessStatusCode();
        var id = await SayAsync(writer, "r", "one");

        // Together: one alone may take so long that its share is there again when the next one comes.
        var edits = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => EditAsync(writer, "r", id, $"edit {i}")));

        Assert.Contains(429, edits.Select(edit => edit.Status));
        Assert.All(edits, edit => Assert.True(edit.Status is 200 or 429, $"{edit.Status}"));
    }

    [Fact]
    public async Task Edits_by_several_at_once_stay_one_history()
    {
        using var writer = await BotAsync();
        var room = await RoomAsync(writer, "guests");
        List<long> ids = [];
        for (var i = 0; i < 6; i++)
        {
            ids.Add(await SayAsync(writer, room, $"m{i}"));
        }
        await using var page = await SocketClient.ConnectAsync(Server, $"/ws/chat/{room}/", SocketClient.V1);
        var rev = (long)(await page.ReceiveAsync("subscribed"))["rev"]!;

        await Task.WhenAll(ids.SelectMany(id => new[] { EditAsync(writer, room, id, $"first {id}"), EditAsync(writer, room, id, $"second {id}") }));

        // What was edited again before it was sent is not sent: its number is missing, which a client takes for a reason to ask.
        List<JsonObject> frames = [];
        do
        {
            frames.Add(await page.ReceiveAsync("message"));
        }
        while ((long)frames[^1]["rev"]! < rev + 12);
        var revs = frames.Select(frame => (long)frame["rev"]!).ToList();
        Assert.Equal(revs.Order().Distinct(), revs);
        await page.SendAsync(new { type = "subscribe", room, after = rev });
        var whole = await page.ReceiveAsync("subscribed");
        Assert.Equal((rev + 12, 6), ((long)whole["rev"]!, whole["messages"]!.AsArray().Count));
        var now = (await writer.GetFromJsonAsync<JsonObject>($"/api/v1/rooms/{room}/messages", Ct))!["messages"]!.AsArray();
        foreach (var last in whole["messages"]!.AsArray().Select(message => message!.AsObject()))
        {
            Assert.Equal((string?)last["message"], (string?)now.Single(message => (long)message!["id"]! == (long)last["id"]!)!["message"]);
        }
    }

    private static string Name() => "n" + Guid.NewGuid().ToString("N")[..12];

    private async Task<HttpClient> BotAsync() => await Server.CreateBotAsync(Name());

    private async Task<string> AdminAsync()
    {
        var name = Name();
        await Server.AddUserAsync(name, isAdmin: true);
        return name;
    }

    private async Task<HttpClient> GuestAsync(string room, string nickname)
    {
        var guest = Server.CreateClient(new CookieContainer());
        guest.DefaultRequestHeaders.Add("X-CSRFToken", await guest.GetTokenAsync($"/chat/{room}/?username={Uri.EscapeDataString(nickname)}"));
        return guest;
    }

    private static async Task<string> RoomAsync(HttpClient owner, string access)
    {
        var name = Name();
        (await owner.PostAsJsonAsync("/api/v1/rooms", new { name, access }, Ct)).EnsureSuccessStatusCode();
        return name;
    }

    private static async Task<long> SayAsync(HttpClient author, string room, string message, string? nonce = null)
    {
        using var answer = await author.PostAsJsonAsync($"/api/v1/rooms/{room}/messages", new { message, nonce }, Ct);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
        return (long)(await answer.Content.ReadFromJsonAsync<JsonObject>(Ct))!["id"]!;
    }

    private static async Task<(int Status, JsonObject Body)> EditAsync(HttpClient author, string room, long id, string message)
    {
        using var answer = await author.PatchAsJsonAsync($"/api/v1/rooms/{room}/messages/{id}", new { message }, Ct);
        return ((int)answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonObject>(Ct))!);
    }

    private static async Task<(int Status, string? Message)> EditedAsync(HttpClient author, string room, long id, string message) =>
        await EditAsync(author, room, id, message) is var (status, body) ? (status, (string?)body["message"]) : default;

    private static async Task<long> RevAsync(HttpClient reader, string room) => (long)(await reader.GetFromJsonAsync<JsonObject>($"/api/v1/rooms/{room}/messages", Ct))!["rev"]!;
}
