using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Messages;
using Teahouse.Realtime;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Tests.Support;
using Teahouse.Web;

namespace Teahouse.Tests.Messages;

[Trait("Database", "Both"), Trait("Speed", "Medium")]
public sealed class RemoveMessageTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Secret = "the secret of the house";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private TestServer Server => shared.Server;

    [Fact]
    public async Task What_is_removed_is_gone_everywhere_and_its_place_stays()
    {
        using var owner = await PersonAsync();
        using var writer = await PersonAsync();
        var room = Name();
        await owner.CreateAsync(room, "guests");
        await using var page = await SocketClient.ConnectAsync(Server, $"/ws/chat/{room}/", SocketClient.V1, owner.Cookies);
        var entered = await page.ReceiveAsync("subscribed");
        await using var old = await SocketClient.ConnectAsync(Server, $"/ws/chat/{room}/");
        await writer.SayAsync(room, "before");
        var id = await writer.SayAsync(room, Secret, nonce: "n1");
        Assert.Equal(Secret, (string?)(await page.ReceiveAsync(frame => (string?)frame["message"] == Secret))["message"]);
        await old.ReceiveAsync(frame => (string?)frame["message"] == Secret);

        Assert.Equal(204, await RemoveAsync(owner, room, id));

        var removed = await page.ReceiveAsync("message");
        Assert.Equal((id, "", true), ((long)removed["id"]!, (string?)removed["message"], (bool?)removed["deleted"]));
        Assert.Equal(2, (long)removed["seq"]! - (long)entered["last_seq"]!);
        // A client that knows no changes is told nothing.
        await writer.SayAsync(room, "after");
        Assert.Equal("after", (string?)(await old.ReceiveAsync())["message"]);
        var next = await page.ReceiveAsync("message");
        Assert.Equal(((long)removed["rev"]! + 1, "after"), ((long)next["rev"]!, (string?)next["message"]));

        foreach (var path in new[] { "messages", $"messages?since_rev={entered["rev"]}", "export?format=csv", "export?format=jsonl" })
        {
            Assert.DoesNotContain(Secret, await owner.Http.GetStringAsync(new Uri($"/api/v1/rooms/{room}/{path}", UriKind.Relative), Ct), StringComparison.Ordinal);
        }
        var shown = await owner.Http.GetStringAsync(new Uri($"/room/{room}/", UriKind.Relative), Ct);
        Assert.Contains("訊息已移除", shown, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, shown, StringComparison.Ordinal);
        await using (var late = await SocketClient.ConnectAsync(Server, $"/ws/chat/{room}/", SocketClient.V1, writer.Cookies))
        {
            Assert.DoesNotContain(Secret, (await late.ReceiveAsync("subscribed")).ToJsonString(), StringComparison.Ordinal);
        }
        Assert.Equal("", await Server.Get<Db>().ReadAsync(session => session.GetAsync<string>("SELECT text FROM messages WHERE id = @id", new { id }), Ct));
        Assert.Equal($"message_removed {room}", await Server.Get<Db>().ReadAsync(session =>
            session.GetAsync<string>("SELECT action || ' ' || target FROM audit_log WHERE target = @room AND action = 'message_removed'", new { room }), Ct));
        // What was sent stays sent: the same nonce is no new message.
        Assert.Equal(id, await writer.SayAsync(room, Secret, nonce: "n1"));
    }

    [Fact]
    public async Task Authors_remove_their_own_and_moderators_anybodys()
    {
        using var owner = await PersonAsync();
        using var moderator = await PersonAsync();
        using var writer = await PersonAsync();
        using var other = await PersonAsync();
        using var stranger = await PersonAsync();
        var room = Name();
        await owner.CreateAsync(room, "private");
        foreach (var (client, role) in new[] { (moderator, "moderator"), (writer, "member"), (other, "member") })
        {
            await owner.PutMemberAsync(room, client.Name, role);
        }
        var elsewhere = Name();
        await owner.CreateAsync(elsewhere, "members");
        var (own, owners, system) = (await writer.SayAsync(room, "own"), await owner.SayAsync(room, "owner's"), 1L);
        system = await Server.Get<Db>().ReadAsync(session => session.GetAsync<long>(
            "SELECT MIN(m.id) FROM messages m JOIN rooms r ON r.id = m.room_id WHERE r.name = @room AND m.kind = 'system'", new { room }), Ct);
        using var visitor = new Person("", Server.CreateClient(), new());

        Assert.Equal(403, await RemoveAsync(other, room, own));
        Assert.Equal(403, await RemoveAsync(writer, room, owners));
        Assert.Equal(403, await RemoveAsync(owner, room, system));
        Assert.Equal(404, await RemoveAsync(stranger, room, own));
        Assert.Equal(404, await RemoveAsync(owner, elsewhere, own));
        Assert.Equal(404, await RemoveAsync(owner, room, 999_999_999));
        Assert.Equal(401, await RemoveAsync(visitor, room, own));
        Assert.Equal(2, await UnremovedAsync(room));

        Assert.Equal(204, await RemoveAsync(writer, room, own));
        Assert.Equal(204, await RemoveAsync(moderator, room, owners));
        var rev = await RevAsync(room);
        Assert.Equal(204, await RemoveAsync(moderator, room, owners));
        Assert.Equal((0, rev), (await UnremovedAsync(room), await RevAsync(room)));
    }

    [Fact]
    public async Task In_an_archived_room_only_those_who_govern_it_remove()
    {
        using var owner = await PersonAsync();
        using var writer = await PersonAsync();
        var room = Name();
        await owner.CreateAsync(room, "members");
        var first = await writer.SayAsync(room, "first");
        await owner.ArchiveAsync(room);

        Assert.Equal(403, await RemoveAsync(writer, room, first));
        Assert.Equal(204, await RemoveAsync(owner, room, first));
    }

    [Fact]
    public async Task A_guest_removes_their_own_and_a_token_needs_its_scope()
    {
        using var owner = await PersonAsync();
        var room = Name();
        await owner.CreateAsync(room, "guests");
        using var guest = await GuestAsync(room, "茶客一");
        using var another = await GuestAsync(room, "茶客二");
        var said = await guest.SayAsync(room, "by a guest");
        using var reading = new Person(owner.Name, await Server.CreateBotAsync(owner.Name, "read"), new());
        using var writing = new Person(owner.Name, await Server.CreateBotAsync(owner.Name), new());

        Assert.Equal(403, await RemoveAsync(another, room, said));
        Assert.Equal(403, await RemoveAsync(reading, room, said));
        Assert.Equal(204, await RemoveAsync(guest, room, said));
        var second = await guest.SayAsync(room, "again");
        Assert.Equal(204, await RemoveAsync(writing, room, second));
    }

    [Fact]
    public async Task Many_removed_at_once_by_several_stay_one_history()
    {
        using var owner = await PersonAsync();
        var room = Name();
        await owner.CreateAsync(room, "members");
        await using var page = await SocketClient.ConnectAsync(Server, $"/ws/chat/{room}/", SocketClient.V1, owner.Cookies);
        var rev = (long)(await page.ReceiveAsync("subscribed"))["rev"]!;
        var ids = new List<long>();
        for (var i = 0; i < 12; i++)
        {
            ids.Add(await owner.SayAsync(room, $"m{i}"));
        }

        await Task.WhenAll(ids.SelectMany(id => new[] { RemoveAsync(owner, room, id), RemoveAsync(owner, room, id) }).Append(owner.SayAsync(room, "last").ContinueWith(_ => 0, TaskScheduler.Default)));

        var frames = new List<JsonObject>();
        while (frames.Count < 25)
        {
            frames.Add(await page.ReceiveAsync("message"));
        }
        Assert.Equal(Enumerable.Range(1, 25).Select(i => rev + i), frames.Select(frame => (long)frame["rev"]!));
        Assert.Equal(ids.Order(), frames.Where(frame => frame["deleted"] is not null).Select(frame => (long)frame["id"]!).Order());
    }

    [Fact]
    public void Who_has_not_been_given_it_yet_is_not_given_it_from_memory()
    {
        var feed = new Feed(new Topic("room:r"));
        for (var rev = 1; rev <= 4; rev++)
        {
            feed.Append(new EncodedEvent(rev, default, new byte[] { 1 }));
        }

        feed.Append(new EncodedEvent(5, default, new byte[] { 2 }) { Forgets = 3 });

        var left = feed.TakeBatch(1 << 20);
        Assert.Equal((4, 5), (left?.FirstRev, left?.LastRev));
    }

    [Fact]
    public async Task A_slow_reader_is_not_given_what_was_removed_before_they_took_it()
    {
        await using var server = await TestServer.StartAsync(SharedServer.NoLimits);
        using var owner = await server.CreateBotAsync("alice");
        using var made = await owner.PostAsJsonAsync("/api/v1/rooms", new { name = "r", access = "guests" }, Ct);
        var (wire, connection) = GatedWire.Connect(server.Get<Settings>(), TimeProvider.System, server.Get<RoomFeeds>().End);
        using var gate = wire;
        server.Get<ConnectionRegistry>().Add(connection);
        await server.Get<RoomFeeds>().JoinLiveAsync(connection, await server.Get<RoomAccess>().FindAsync(Caller.Anonymous, "r", Ct));
        await PostAsync("first");
        await Eventually.TrueAsync(() => connection.IsWaitingForPeer);
        var secret = await PostAsync(Secret);
        await PostAsync("after");
        using var removed = await owner.DeleteAsync(new Uri($"/api/v1/rooms/r/messages/{secret}", UriKind.Relative), Ct);

        wire.Take(1000);

        var texts = () => wire.Taken.Select(frame => JsonNode.Parse(frame.Payload)!).Where(frame => (string?)frame["type"] == "message").ToList();
        await Eventually.TrueAsync(() => texts().Exists(frame => (bool?)frame["deleted"] == true));
        Assert.Equal(["after", "first"], texts().Select(frame => (string)frame["message"]!).Where(text => text.Length > 0).Order());
        connection.Close(CloseCode.Restart);

        async Task<long> PostAsync(string text)
        {
            using var answer = await owner.PostAsJsonAsync("/api/v1/rooms/r/messages", new { message = text }, Ct);
            return (long)(await answer.Content.ReadFromJsonAsync<JsonObject>(Ct))!["id"]!;
        }
    }

    private static string Name() => $"r{Guid.NewGuid():N}"[..20];

    private static async Task<int> RemoveAsync(Person person, string room, long id)
    {
        using var answer = await person.Http.DeleteAsync(new Uri($"/api/v1/rooms/{room}/messages/{id}", UriKind.Relative), Ct);
        return (int)answer.StatusCode;
    }

    private Task<long> RevAsync(string room) => Server.Get<Db>().ReadAsync(session => session.GetAsync<long>("SELECT rev FROM rooms WHERE name = @room", new { room }), Ct);

    private async Task<int> UnremovedAsync(string room) => (int)await Server.Get<Db>().ReadAsync(session => session.GetAsync<long>(
        "SELECT COUNT(*) FROM messages m JOIN rooms r ON r.id = m.room_id WHERE r.name = @room AND m.kind = 'text' AND m.deleted_at IS NULL", new { room }), Ct);

    private async Task<Person> PersonAsync()
    {
        var name = Name();
        var cookies = await Server.SignInCookiesAsync(name);
        var http = Server.CreateClient(cookies);
        http.DefaultRequestHeaders.Add("X-CSRFToken", await http.GetTokenAsync("/"));
        return new Person(name, http, cookies);
    }

    private async Task<Person> GuestAsync(string room, string nickname)
    {
        var cookies = new CookieContainer();
        var http = Server.CreateClient(cookies);
        http.DefaultRequestHeaders.Add("X-CSRFToken", await http.GetTokenAsync($"/chat/{room}/?username={Uri.EscapeDataString(nickname)}"));
        return new Person(nickname, http, cookies);
    }

    /// <summary>Somebody with a browser.</summary>
    private sealed record Person(string Name, HttpClient Http, CookieContainer Cookies) : IDisposable
    {
        public Task CreateAsync(string room, string access) => Http.CreateRoomAsync(room, access);

        public async Task<long> SayAsync(string room, string text, string? nonce = null)
        {
            using var answer = await Http.PostAsJsonAsync($"/api/v1/rooms/{room}/messages", new { message = text, nonce }, Ct);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
            return (long)(await answer.Content.ReadFromJsonAsync<JsonObject>(Ct))!["id"]!;
        }

        public async Task PutMemberAsync(string room, string user, string role) =>
            (await Http.PutAsJsonAsync($"/api/v1/rooms/{room}/members/{user}", new { role }, Ct)).EnsureSuccessStatusCode();

        public async Task ArchiveAsync(string room) => (await Http.PostFormAsync($"/room/{room}/settings/", ("act", "archive"))).Dispose();

        public void Dispose() => Http.Dispose();
    }
}
