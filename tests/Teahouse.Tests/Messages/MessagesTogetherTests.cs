using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Teahouse.Messages;
using Teahouse.Rooms;
using Teahouse.Storage;
using Teahouse.Tests.Support;

namespace Teahouse.Tests.Messages;

/// <summary>Messages that SQLite's writer finds waiting together are stored in a few statements: the same must become of them as one by one.</summary>
public sealed class MessagesTogetherTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Database", "Both")]
    public async Task What_an_account_says_that_was_deleted_a_moment_ago_is_refused_and_holds_up_nobody()
    {
        await using var server = await TestServer.StartAsync();
        var id = await server.AddUserAsync("alice");
        var alice = new Caller { Kind = CallerKind.User, UserId = id, Username = "alice" };
        using var bob = await server.SignInAsync("bob");
        await bob.CreateRoomAsync("r", "guests");
        var (pass, others) = (await server.Get<RoomAccess>().FindAsync(alice, "r", Ct), await server.Get<RoomAccess>().FindAsync(Caller.System, "r", Ct));
        var post = server.Get<PostMessage>();
        await server.RemoveUserAsync(id);

        // Alone, and together with what others say.
        var alone = await Assert.ThrowsAsync<RefusedException>(() => post.ExecuteAsync(pass, new("late", null)));
        var said = Enumerable.Range(0, 20).Select(i => post.ExecuteAsync(i == 10 ? pass : others, new($"{i}", null))).ToList();

        Assert.Equal(Refusal.NoSuchUser, alone.Refusal);
        Assert.Equal(Refusal.NoSuchUser, (await Assert.ThrowsAsync<RefusedException>(() => said[10])).Refusal);
        Assert.Equal(19, (await Task.WhenAll(said.Where((_, i) => i != 10))).Length);
    }

    [Fact]
    public async Task Many_of_several_authors_and_rooms_come_one_after_another_and_are_read_by_their_authors_alone()
    {
        await using var house = await House.OpenAsync();
        var (alice, bob) = (house.Alice, house.Bob);
        await PostAsync(alice, "a", "before");

        // More than one statement holds, and not a power of two.
        const int Count = 45;
        await using var queue = await HeldWriter<Answer>.HoldAsync(house.Server);
        for (var i = 0; i < Count; i++)
        {
            await queue.AddAsync(() => PostAsync(i % 3 == 0 ? bob : alice, i % 5 == 0 ? "b" : "a", $"{i}", nonce: $"n{i}"));
        }
        var answers = await queue.ReleaseAsync();

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
        Assert.Equal(answers.Select(answer => answer.Id).Order(), answers.Select(answer => answer.Id));
        foreach (var (room, isHere) in new (string, Func<int, bool>)[] { ("a", i => i % 5 != 0), ("b", i => i % 5 == 0) })
        {
            var kept = (await History.ReadAsync(alice, room)).Where(message => (string)message["kind"]! == "text" && (string)message["message"]! != "before").ToList();
            Assert.Equal(Enumerable.Range(0, Count).Where(isHere).Select(i => $"{i}"), kept.Select(message => (string)message["message"]!));
            Assert.Equal(answers.Where((_, i) => isHere(i)).Select(answer => answer.Id), kept.Select(message => (long)message["id"]!));
            Assert.Equal(Enumerable.Range(0, Count).Where(isHere).Select(i => $"n{i}"), kept.Select(message => (string?)message["nonce"]));
            await IsNumberedAsync(alice, room);
            foreach (var (http, name) in new[] { (alice, "alice"), (bob, "bob") })
            {
                var seen = await RoomAsync(http, room);
                Assert.Equal("member", (string?)seen["role"]);
                Assert.Equal(kept.Count(message => (long)message["seq"]! > (long)seen["last_read_seq"]! && (string)message["user"]! != name), (long)seen["unread"]!);
            }
        }
    }

    [Fact]
    public async Task A_nonce_used_again_takes_no_other_message_along()
    {
        await using var house = await House.OpenAsync();
        var (alice, bob) = (house.Alice, house.Bob);

        await using var queue = await HeldWriter<Answer>.HoldAsync(house.Server);
        await queue.AddAsync(() => PostAsync(alice, "a", "first", "n"));
        await queue.AddAsync(() => PostAsync(bob, "a", "bob's", "n"));
        await queue.AddAsync(() => PostAsync(alice, "a", "first", "n"));
        await queue.AddAsync(() => PostAsync(alice, "a", "other", "n"));
        await queue.AddAsync(() => PostAsync(alice, "b", "elsewhere", "n"));
        await queue.AddAsync(() => PostAsync(bob, "a", "last"));
        var answers = await queue.ReleaseAsync();

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.Created, HttpStatusCode.Created], answers.Select(answer => answer.Status));
        Assert.Equal("conflict", answers[3].Code);
        Assert.Equal(answers[0].Id, answers[2].Id);
        Assert.Equal(["first", "bob's", "last"], await TextsAsync(alice, "a"));
        Assert.Equal(["elsewhere"], await TextsAsync(alice, "b"));
        await IsNumberedAsync(alice, "a");
        await IsNumberedAsync(alice, "b");
    }

    [Fact]
    public async Task A_room_archived_between_two_messages_takes_no_other_along()
    {
        await using var house = await House.OpenAsync();
        var (alice, bob, owner) = (house.Alice, house.Bob, house.Owner);

        await using var queue = await HeldWriter<Answer>.HoldAsync(house.Server);
        await queue.AddAsync(() => PostAsync(bob, "b", "in time"));
        await queue.AddAsync(async () =>
        {
            using var archived = await owner.PatchAsJsonAsync(new Uri("/api/v1/rooms/b", UriKind.Relative), new { archived = true }, Ct);
            return new Answer(archived.StatusCode, 0, null);
        });
        await queue.AddAsync(() => PostAsync(bob, "b", "too late"));
        await queue.AddAsync(() => PostAsync(alice, "a", "elsewhere"));
        var answers = await queue.ReleaseAsync();

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.Created], answers.Select(answer => answer.Status));
        Assert.Equal(["in time"], await TextsAsync(alice, "b"));
        Assert.Equal(["elsewhere"], await TextsAsync(alice, "a"));
        await IsNumberedAsync(alice, "b");
    }

    /// <summary>One by one would give the same answers, only dearer: nobody outside would notice if everything were.</summary>
    [Fact]
    public async Task What_is_usual_is_done_together_and_one_nonce_twice_is_not()
    {
        await using var house = await House.OpenAsync();
        var alice = new Caller { Kind = CallerKind.User, UserId = await house.Server.AddUserAsync("third"), Username = "third" };
        var pass = await house.Server.Get<RoomAccess>().FindAsync(alice, "a", Ct);
        string[] texts = [.. Enumerable.Range(0, 45).Select(i => i % 9 == 8 ? new string('一', 8000) : $"{i}"), ""];

        Assert.True(await TryAsync([.. texts.Select((text, i) => Item(text, $"n{i}"))]));
        Assert.True(await TryAsync([Item("again", nonce: null)]));
        Assert.False(await TryAsync([Item("one", "new"), Item("two", "new")]));

        Assert.Equal([.. texts, "again"], await TextsAsync(house.Alice, "a"));

        PostItem Item(string text, string? nonce) => new(pass, new Message
        {
            Id = 0,
            RoomId = 0,
            Seq = 0,
            Rev = 0,
            Kind = Message.TextKind,
            UserId = alice.UserId,
            AuthorName = alice.Username,
            IsGuest = false,
            Nonce = nonce,
            Text = text,
            CreatedAt = DateTimeOffset.UtcNow,
        }, IsFromSocket: false);

        async Task<bool> TryAsync(PostItem[] items)
        {
            try
            {
                return await house.Server.Get<Db>().WriteAsync(
                    async session => await house.Server.Get<PostWrite>().TryExecuteManyAsync(session, items, new Appended[items.Length], isUndisturbed: false) ? true : throw new UndoneException(), Ct);
            }
            catch (UndoneException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task Long_texts_that_are_more_than_a_statement_has_room_for_stay_whole()
    {
        await using var house = await House.OpenAsync();
        // 24 KB each, and what is short between them.
        string[] texts = [.. Enumerable.Range(0, 12).Select(i => i % 3 == 2 ? $"{i}" : new string((char)('一' + i), 8000))];

        await using var queue = await HeldWriter<Answer>.HoldAsync(house.Server);
        foreach (var text in texts)
        {
            await queue.AddAsync(() => PostAsync(house.Alice, "a", text));
        }
        var answers = await queue.ReleaseAsync();

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Created, answer.Status));
        Assert.Equal(texts, await TextsAsync(house.Alice, "a"));
        await IsNumberedAsync(house.Alice, "a");
    }

    [Fact]
    public async Task What_else_happens_to_a_room_between_two_messages_is_counted()
    {
        await using var house = await House.OpenAsync();
        var (alice, bob, owner) = (house.Alice, house.Bob, house.Owner);

        var first = await PostAsync(alice, "a", "1");
        await PostAsync(alice, "a", "2");
        using (var removed = await alice.DeleteAsync(new Uri($"/api/v1/rooms/a/messages/{first.Id}", UriKind.Relative), Ct))
        {
            removed.EnsureSuccessStatusCode();
        }
        await PostAsync(alice, "a", "3");
        using (var joined = await bob.PutAsJsonAsync(new Uri("/api/v1/rooms/a/members/bob", UriKind.Relative), new { }, Ct))
        {
            joined.EnsureSuccessStatusCode();
        }
        await PostAsync(alice, "a", "4");

        var history = await History.ReadAsync(alice, "a");
        // The removal has the revision between 2 and 3.
        Assert.Equal((long)Find("2")["rev"]! + 2, (long)Find("3")["rev"]!);
        Assert.Equal((long)Find("2")["rev"]! + 1, (long)history.First(message => (long)message["id"]! == first.Id)["rev"]!);
        // Bob's joining lies between 3 and 4.
        Assert.Equal((long)Find("3")["seq"]! + 2, (long)Find("4")["seq"]!);
        await IsNumberedAsync(alice, "a");

        using (var archived = await owner.PatchAsJsonAsync(new Uri("/api/v1/rooms/a", UriKind.Relative), new { archived = true }, Ct))
        {
            archived.EnsureSuccessStatusCode();
        }
        Assert.Equal("forbidden", (await PostAsync(alice, "a", "5")).Code);

        JsonObject Find(string text) => history.Single(message => (string)message["message"]! == text);
    }

    private static async Task<Answer> PostAsync(HttpClient http, string room, string message, string? nonce = null)
    {
        using var response = await http.PostAsJsonAsync(new Uri($"/api/v1/rooms/{room}/messages", UriKind.Relative), new { message, nonce }, Ct);
        var answer = await response.Content.ReadFromJsonAsync<JsonObject>(Ct);
        return new Answer(response.StatusCode, (long?)answer!["id"] ?? 0, (string?)answer["code"]);
    }

    private static async Task<JsonObject> RoomAsync(HttpClient http, string room) =>
        await http.GetFromJsonAsync<JsonObject>(new Uri($"/api/v1/rooms/{room}", UriKind.Relative), Ct) ?? throw new InvalidOperationException("No room.");

    private static async Task<IEnumerable<string>> TextsAsync(HttpClient http, string room) =>
        (await History.ReadAsync(http, room)).Where(message => (string)message["kind"]! == "text").Select(message => (string)message["message"]!);

    /// <summary>The room's numbers have no hole, and it knows its latest.</summary>
    private static async Task IsNumberedAsync(HttpClient http, string name)
    {
        var (room, history) = (await RoomAsync(http, name), await History.ReadAsync(http, name));
        Assert.Equal(Enumerable.Range(1, history.Count).Select(seq => (long)seq), history.Select(message => (long)message["seq"]!));
        Assert.Equal(history.Count, history.Select(message => (long)message["rev"]!).Distinct().Count());
        Assert.Equal((long)room["last_seq"]!, (long)history[^1]["seq"]!);
        Assert.Equal((long)room["rev"]!, history.Max(message => (long)message["rev"]!));
        Assert.Equal((DateTimeOffset)room["last_message_at"]!, (DateTimeOffset)history[^1]["timestamp"]!);
    }

    private sealed class UndoneException : Exception;

    private sealed record Answer(HttpStatusCode Status, long Id, string? Code);

    /// <summary>A server with two rooms and three people, each of whom has used their token before, which is a write of its own.</summary>
    private sealed class House : IAsyncDisposable
    {
        public required TestServer Server { get; init; }
        public required HttpClient Alice { get; init; }
        public required HttpClient Bob { get; init; }
        public required HttpClient Owner { get; init; }

        public static async Task<House> OpenAsync()
        {
            var server = await TestServer.StartAsync(SharedServer.NoLimits);
            var house = new House { Server = server, Alice = await server.CreateBotAsync("alice"), Bob = await server.CreateBotAsync("bob"), Owner = await server.CreateBotAsync("owner") };
            foreach (var name in (string[])["a", "b"])
            {
                using var made = await house.Owner.PostAsJsonAsync(new Uri("/api/v1/rooms", UriKind.Relative), new { name, access = "members" }, Ct);
                made.EnsureSuccessStatusCode();
            }
            await RoomAsync(house.Alice, "a");
            await RoomAsync(house.Bob, "a");
            return house;
        }

        public async ValueTask DisposeAsync()
        {
            Alice.Dispose();
            Bob.Dispose();
            Owner.Dispose();
            await Server.DisposeAsync();
        }
    }
}
